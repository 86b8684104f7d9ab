namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>A file as it stands on the machine.</summary>
sealed record FileFact(string Mode, string Owner, string Group, string Sha256)
{
    public bool Is(NodeFile file) => Mode == file.Mode.TrimStart('0') && Owner == file.Owner && Group == file.Group && Sha256 == file.Sha256;
}

/// <summary>What one round trip tells about a machine.</summary>
/// <param name="System">Such as "debian 12".</param>
/// <param name="FreeKilobytes">On the disk of /var.</param>
/// <param name="IsBroken">An installation was interrupted.</param>
/// <param name="Ours">Paths we wrote and have not removed.</param>
/// <param name="Pending">Units that were to be told about changes and were not yet.</param>
/// <param name="CertificateOrigin">Null when there is no certificate.</param>
/// <param name="Units">State and whether enabled.</param>
sealed record NodeFacts(
    string System, int User, long FreeKilobytes, bool IsBroken, IReadOnlySet<string> Packages, IReadOnlyDictionary<string, FileFact> Files,
    IReadOnlySet<string> Ours, IReadOnlySet<string> Pending, string? CertificateOrigin, bool CertificateEnds, IReadOnlyList<string> MailFolders,
    IReadOnlyDictionary<string, (bool IsActive, bool IsEnabled)> Units)
{
    // Only below /etc do we write; a manifest that somebody edited must not make us remove anything else.
    static bool IsPlausible(string path) => path.StartsWith("/etc/", StringComparison.Ordinal) && !path.Contains("/../", StringComparison.Ordinal) && !path.Any(char.IsControl);

    /// <summary>Reads the output of <c>read.sh</c>. Unknown lines are passed over.</summary>
    public static NodeFacts Parse(string text)
    {
        var lines = text.Split('\n').Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2).ToLookup(parts => parts[0], parts => parts[1]);
        var sums = lines["sum"].Select(line => line.Split("  ", 2)).Where(parts => parts.Length == 2).DistinctBy(parts => parts[1]).ToDictionary(parts => parts[1], parts => parts[0]);
        var stats = lines["stat"].Select(line => line.Split(' ', 4)).Where(parts => parts.Length == 4 && sums.ContainsKey(parts[3])).DistinctBy(parts => parts[3]);
        return new(
            lines["system"].FirstOrDefault("unknown"),
            int.TryParse(lines["user"].FirstOrDefault(), out var user) ? user : -1,
            long.TryParse(lines["free"].FirstOrDefault(), out var free) ? free : 0,
            text.Split('\n').Contains("broken"),
            lines["package"].Select(line => line.Split(' ')).Where(parts => parts.Length == 2 && parts[1] == "installed").Select(parts => parts[0]).ToHashSet(),
            stats.ToDictionary(parts => parts[3], parts => new FileFact(parts[0].TrimStart('0'), parts[1], parts[2], sums[parts[3]])),
            lines["ours"].Where(IsPlausible).ToHashSet(),
            lines["pending"].Where(unit => unit.EndsWith(".service", StringComparison.Ordinal)).ToHashSet(),
            lines["certificate"].FirstOrDefault(),
            text.Split('\n').Contains("certificate-ends"),
            [.. lines["mailbox"]],
            UnitsOf(lines["unit"]));
    }

    // Properties come in blocks, in any order, with an empty line between.
    static Dictionary<string, (bool, bool)> UnitsOf(IEnumerable<string> properties)
    {
        var units = new Dictionary<string, (bool, bool)>();
        var block = new Dictionary<string, string>();
        foreach (var property in properties.Append("").Select(line => line.Split('=', 2)))
        {
            if (property.Length == 2) block[property[0]] = property[1];
            if (property.Length == 2 && block.Count < 3) continue;
            if (block.TryGetValue("Id", out var id)) units[id] = (block.GetValueOrDefault("ActiveState") == "active", block.GetValueOrDefault("UnitFileState") == "enabled");
            block.Clear();
        }

        return units;
    }
}
