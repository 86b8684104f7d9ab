namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>What stands between a machine and its description. Made by one pure function.</summary>
/// <param name="Remove">Paths of ours that nothing wants any more.</param>
/// <param name="Retire">"domain/local" of mail whose mailbox is gone.</param>
/// <param name="Enable">Units that would not start with the machine.</param>
/// <param name="Reload">Units that must read again, or start.</param>
/// <param name="Restart">Units that came with packages installed now: they run with what the package brought.</param>
/// <param name="IsUnfinished">An earlier run was broken off before its end.</param>
sealed record NodeWork(
    bool Repair, IReadOnlyList<string> Install, IReadOnlyList<NodeFile> Write, IReadOnlyList<string> Remove, NodeCertificate? Certificate,
    IReadOnlyList<string> Retire, IReadOnlyList<string> Enable, IReadOnlyList<string> Reload, IReadOnlyList<string> Restart, bool IsUnfinished)
{
    public bool IsNothing => !Repair && !IsUnfinished && Certificate is null && Install.Count + Write.Count + Remove.Count + Retire.Count + Enable.Count + Reload.Count + Restart.Count == 0;

    public static NodeWork Between(NodeDescription wanted, NodeFacts facts)
    {
        var paths = wanted.Files.Select(file => file.Path).ToHashSet();
        var owned = wanted.Files.Where(file => !file.IsKept).Select(file => file.Path).ToHashSet();
        string[] install = [.. wanted.Packages.Where(package => !facts.Packages.Contains(package))];
        NodeFile[] write = [.. wanted.Files.Where(file => !facts.Files.TryGetValue(file.Path, out var fact) || !fact.Is(file))];
        string[] remove = [.. facts.Ours.Where(path => !paths.Contains(path)).Order(StringComparer.Ordinal)];
        var certificate = wanted.Certificate is { } one && (facts.CertificateOrigin != one.Origin || facts.CertificateEnds) ? one : null;
        var told = write.Select(file => file.Path).Concat(remove).SelectMany(NodeDescription.ReadersOf)
            .Concat(certificate is null ? [] : NodeDescription.ReadersOf(NodeDescription.TlsFolder))
            .Concat(facts.Pending)
            .Concat(wanted.Units.Where(unit => !facts.Units.TryGetValue(unit, out var state) || !state.IsActive)).ToHashSet();
        string[] restart = [.. wanted.Units.Where(unit => told.Contains(unit) && install.Any(package => UnitOf(package) == unit))];
        return new(
            facts.IsBroken, install, write, remove, certificate,
            [.. facts.MailFolders.Where(folder => !wanted.MailFolders.Contains(folder) && IsPlain(folder))],
            [.. wanted.Units.Where(unit => !facts.Units.TryGetValue(unit, out var state) || !state.IsEnabled)],
            [.. wanted.Units.Where(unit => told.Contains(unit)).Except(restart)],
            restart,
            facts.Pending.Count > 0 || !owned.SetEquals(facts.Ours));
    }

    static string UnitOf(string package) => package switch
    {
        "dovecot-imapd" or "dovecot-lmtpd" => "dovecot.service",
        _ => package + ".service",
    };

    // Dovecot makes these folders from names that passed our own check.
    static bool IsPlain(string folder) => folder.Split('/') is [{ Length: > 0 } domain, { Length: > 0 } local]
        && (domain + local).All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_') && domain[0] != '.' && local is not ("." or "..");
}
