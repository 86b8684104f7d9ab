namespace PenguinMails.Fleet.Stacks.Native;

/// <summary>Work on a node, told to a person.</summary>
static class NodeChanges
{
    /// <param name="texts">What stands in the files now, by path without the leading slash; empty when nothing is to be shown.</param>
    public static StackChanges Of(NodeWork work, NodeFacts facts, IReadOnlyDictionary<string, string> texts) => new(
    [
        .. work.Repair ? [new StackChange("packages", "an interrupted installation", StackAction.Change)] : Array.Empty<StackChange>(),
        .. work.Install.Select(package => new StackChange("package", package, StackAction.Add)),
        .. work.Write.Select(file => FileChange(file, facts, texts)),
        .. work.Remove.Select(path => new StackChange("file", path, StackAction.Remove)),
        .. work.Certificate is { } certificate ? [new StackChange("certificate", certificate.HostName, facts.CertificateOrigin is null ? StackAction.Add : StackAction.Change)] : Array.Empty<StackChange>(),
        .. work.Retire.Select(folder => new StackChange("mailbox", string.Join('@', folder.Split('/').Reverse()), StackAction.Remove)),
        .. work.Enable.Union(work.Reload).Union(work.Restart).Select(unit => new StackChange("service", unit, StackAction.Reload)),
    ]);

    static StackChange FileChange(NodeFile file, NodeFacts facts, IReadOnlyDictionary<string, string> texts)
    {
        if (!facts.Files.TryGetValue(file.Path, out var fact)) return new("file", file.Path, StackAction.Add);
        var text = !file.IsSecret && texts.TryGetValue(file.Path[1..], out var before) ? LineDiff.Of(before, file.Content) : null;
        string[] owner = fact.Mode == file.Mode.TrimStart('0') && fact.Owner == file.Owner && fact.Group == file.Group ? []
            : [$"-mode {fact.Mode} {fact.Owner}:{fact.Group}", $"+mode {file.Mode.TrimStart('0')} {file.Owner}:{file.Group}"];
        string[] lines = [.. owner, .. string.IsNullOrEmpty(text) ? Array.Empty<string>() : [text]];
        return new("file", file.Path, StackAction.Change, lines.Length == 0 ? null : string.Join('\n', lines));
    }
}
