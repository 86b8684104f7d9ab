namespace PenguinMails.Fleet.Stacks;

/// <summary>What a run changed, or would change; nothing when the stack is as wanted.</summary>
public sealed record StackChanges(IReadOnlyList<StackChange> Items)
{
    public bool IsNothing => Items.Count == 0;

    /// <summary>What of the plan this mail server cannot do, each a sentence for a person; empty for one that we set up ourselves.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Whether something is new, different, gone, or only started again.</summary>
public enum StackAction { Add, Change, Remove, Reload }

/// <summary>One difference.</summary>
/// <param name="Kind">What it is: packages, package, file, certificate, mailbox, service; on a connected server domain, dkim, mailbox, alias.</param>
/// <param name="Name">Path, name or address.</param>
/// <param name="Diff">Lines with "-" and "+", at most 200; null where there is no text, where it is secret, or where the change is done already.</param>
public sealed record StackChange(string Kind, string Name, StackAction Action, string? Diff = null);

/// <summary>A step that begins now.</summary>
/// <param name="Name">Stable: repair, packages, files, removals, certificate, mailboxes, services; on a connected server domains, keys, mailboxes, aliases.</param>
/// <param name="Detail">For a person: what and how many.</param>
public sealed record StackStep(string Name, string Detail);
