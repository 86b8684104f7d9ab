using PenguinMails.Core;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>Why nothing at all is done: the plan asks for what the server cannot do and must not be without, or for what is somebody else's.</summary>
static class StackRefusals
{
    public static Problem? Of(StackPlan plan, string name, StackAbilities abilities) =>
        plan.Mailboxes.FirstOrDefault(mailbox => mailbox.SendFrom is not null) is { } bound ? Unsupported($"{name} chooses by itself which address mail leaves from, so {bound.Address} cannot be bound to {bound.SendFrom}.")
        : plan.Certificate is StackCertificate.Given ? Unsupported($"{name} keeps its own certificate; none can be given to it here.")
        : abilities.HasForeignTargets ? null
        : plan.Aliases.SelectMany(alias => alias.Targets.Select(target => (alias.Address, Target: target))).FirstOrDefault(one => plan.Mailboxes.All(mailbox => mailbox.Address != one.Target)) is { Target: not null } elsewhere
            ? Unsupported($"{name} takes an alias only to mailboxes of its own: {elsewhere.Address} cannot go on to {elsewhere.Target}.")
        : null;

    public static Problem? Foreign(StackPlan plan, StackFacts facts, StackMarks marks, string name) =>
        Domain(plan, facts, marks, name)
        ?? plan.Mailboxes.Select(mailbox => Address(mailbox.Address, facts, marks, name)).FirstOrDefault(problem => problem is not null)
        ?? plan.Aliases.Select(alias => Address(alias.Address, facts, marks, name)).FirstOrDefault(problem => problem is not null);

    static Problem? Domain(StackPlan plan, StackFacts facts, StackMarks marks, string name) =>
        plan.Domains.FirstOrDefault(domain => facts.Domains.TryGetValue(domain.Name, out var known) && !marks.IsOurs(known.Comment)) is not { } foreign ? null
            : new(ProblemKind.Conflict, "stack.domain_foreign", $"{foreign.Name} is on {name} already and was not made by this program, so nothing was changed. To hand it over, write \"{marks.Plain}\" into the comment (description) of the domain there; mailboxes in it stay as they are.");

    static Problem? Address(string address, StackFacts facts, StackMarks marks, string name) =>
        facts.Mailboxes.TryGetValue(address, out var mailbox) && !marks.IsOurs(mailbox.Mark) ? Taken(address, name, "a mailbox")
        : facts.Aliases.TryGetValue(address, out var alias) && !marks.IsOurs(alias.Mark) ? Taken(address, name, "an alias")
        : facts.Others.Contains(address) ? Taken(address, name, "another name")
        : null;

    static Problem Taken(string address, string name, string what) =>
        new(ProblemKind.Conflict, "stack.address_foreign", $"{address} is {what} on {name} already that this program did not make, so nothing was changed. Connect it as a mailbox with its own password, or remove it there first.");

    static Problem Unsupported(string detail) => new(ProblemKind.Conflict, "stack.unsupported", detail);
}

/// <summary>What is done without, and said.</summary>
static class StackNotes
{
    public static IEnumerable<string> Of(StackPlan plan, string name, StackAbilities abilities)
    {
        if (abilities.KeysMax == 0 && plan.Domains.Any(domain => domain.Keys.Count > 0))
            yield return $"{name} takes no DKIM key through its API. What the program sends is signed before it gets there; for mail written in {name} itself, import the configuration file.";
        if (abilities.KeysMax == 1 && plan.Domains.FirstOrDefault(domain => domain.Keys.Count > 1) is { } twice)
            yield return $"{name} signs with one RSA key a domain, so of the {twice.Keys.Count} keys of {twice.Name} it has the first.";
        if (!abilities.HasLimits && plan.Mailboxes.Count > 0)
            yield return $"{name} has no limit for a single mailbox, only one for all of them in its settings. The caps here hold all the same; the configuration file has a line for it.";
        var further = plan.Mailboxes.Count(mailbox => mailbox.Passwords.Count > abilities.PasswordsMax);
        if (further > 0) yield return $"{name} takes {(abilities.PasswordsMax == 1 ? "one password" : $"{abilities.PasswordsMax} passwords")} a mailbox, and {further:N0} {(further == 1 ? "mailbox has" : "mailboxes have")} more: the first counts.";
        if (plan.Addresses.Count > 1) yield return $"{name} chooses by itself which of its {plan.Addresses.Count} addresses mail leaves from.";
        if (!abilities.HasQueue) yield return $"{name} shows neither its queue nor its log through its API.";
    }
}
