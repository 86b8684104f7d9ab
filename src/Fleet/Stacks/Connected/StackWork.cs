using PenguinMails.Core;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>What is missing between a plan and a server that somebody else runs, in the order in which it is done, and what the server cannot do at all.</summary>
/// <remarks>Ours is what bears our mark. Aliases and mailboxes that are ours and in no plan go first, then what is new comes, then keys and domains without use go.</remarks>
sealed record StackWork(IReadOnlyList<StackOp> Ops, IReadOnlyList<string> Notes)
{
    /// <summary>Refuses with <c>stack.domain_foreign</c>, <c>stack.address_foreign</c>, <c>stack.key_foreign</c> or <c>stack.unsupported</c>.</summary>
    public static Result<StackWork> Between(StackPlan plan, StackFacts facts, StackMarks marks, string name, StackAbilities abilities)
    {
        if ((StackRefusals.Of(plan, name, abilities) ?? StackRefusals.Foreign(plan, facts, marks, name)) is { } refused) return refused;
        var notes = new List<string>(StackNotes.Of(plan, name, abilities));
        var (domains, keys) = (new List<StackOp>(), new List<StackOp>());
        foreach (var domain in plan.Domains)
        {
            var known = facts.Domains.GetValueOrDefault(domain.Name);
            var work = StackKeys.Between(domain, known, marks, name, abilities, notes);
            if (work.Problem is { } foreign) return foreign;
            domains.AddRange(work.Value.Before);
            keys.AddRange(work.Value.After);
        }

        var gone = Gone(plan, facts, marks).ToList();
        return new StackWork(
        [
            .. gone, .. domains,
            .. plan.Mailboxes.Select(mailbox => Mailbox(mailbox, facts.Mailboxes.GetValueOrDefault(mailbox.Address), marks, abilities)).OfType<StackOp>(),
            .. plan.Aliases.Select(alias => Alias(alias, facts.Aliases.GetValueOrDefault(alias.Address), marks)).OfType<StackOp>(),
            .. keys, .. Unused(plan, facts, marks, notes),
        ], notes);
    }

    static IEnumerable<StackOp> Gone(StackPlan plan, StackFacts facts, StackMarks marks)
    {
        var (mailboxes, aliases) = (plan.Mailboxes.Select(mailbox => mailbox.Address).ToHashSet(), plan.Aliases.Select(alias => alias.Address).ToHashSet());
        foreach (var (address, alias) in facts.Aliases.OrderBy(one => one.Key, StringComparer.Ordinal))
            if (!aliases.Contains(address) && marks.IsOurs(alias.Mark)) yield return new StackOp.DropAlias(address, alias, new("alias", address, StackAction.Remove));
        foreach (var (address, mailbox) in facts.Mailboxes.OrderBy(one => one.Key, StringComparer.Ordinal))
            if (!mailboxes.Contains(address) && marks.IsOurs(mailbox.Mark)) yield return new StackOp.DropMailbox(address, mailbox, new("mailbox", address, StackAction.Remove));
    }

    static StackOp? Mailbox(StackMailbox wanted, MailboxFact? known, StackMarks marks, StackAbilities abilities)
    {
        string[] passwords = [.. wanted.Passwords.Take(abilities.PasswordsMax)];
        var mark = marks.Mailbox(wanted, passwords);
        if (known is null) return new StackOp.PutMailbox(wanted, passwords, mark, true, null, new("mailbox", wanted.Address, StackAction.Add));
        var hasNew = known.Mark != mark;
        var isLimited = !abilities.HasLimits || (known.HourlyLimit == wanted.HourlyLimit && known.LimitRefs.Count == 1);
        if (!hasNew && isLimited && known.QuotaBytes == wanted.QuotaBytes && known.IsOpen) return null;
        string[] lines =
        [
            .. hasNew ? ["+password"] : Array.Empty<string>(),
            .. known.QuotaBytes == wanted.QuotaBytes ? [] : new[] { $"-quota {known.QuotaBytes}", $"+quota {wanted.QuotaBytes}" },
            .. isLimited ? [] : new[] { $"-limit {(known.HourlyLimit is { } limit ? $"{limit} an hour" : "none of ours")}", $"+limit {wanted.HourlyLimit} an hour" },
            .. known.IsOpen ? [] : new[] { "-switched off", "+switched on" },
        ];
        return new StackOp.PutMailbox(wanted, passwords, mark, hasNew, known, new("mailbox", wanted.Address, StackAction.Change, string.Join('\n', lines)));
    }

    static StackOp.PutAlias? Alias(StackAlias wanted, AliasFact? known, StackMarks marks)
    {
        if (known is null) return new(wanted, marks.Plain, null, new("alias", wanted.Address, StackAction.Add));
        var (before, after) = (known.Targets.Order(StringComparer.Ordinal).ToList(), wanted.Targets.Order(StringComparer.Ordinal).ToList());
        return before.SequenceEqual(after) ? null : new(wanted, marks.Plain, known, new("alias", wanted.Address, StackAction.Change, LineDiff.Of(string.Join('\n', before), string.Join('\n', after))));
    }

    // A domain of ours goes once nothing is left in it; its mail lies there as long as anything else does.
    static IEnumerable<StackOp> Unused(StackPlan plan, StackFacts facts, StackMarks marks, List<string> notes)
    {
        var wanted = plan.Domains.Select(domain => domain.Name).ToHashSet();
        foreach (var (name, domain) in facts.Domains.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            if (wanted.Contains(name) || marks.Words(domain.Comment) is not { } selectors) continue;
            foreach (var (selector, key) in domain.Keys.Where(one => selectors.Contains(one.Key))) yield return new StackOp.DropKey(name, key, new("dkim", $"{selector}._domainkey.{name}", StackAction.Remove));
            var foreign = facts.Mailboxes.Where(one => !marks.IsOurs(one.Value.Mark)).Select(one => one.Key).Concat(facts.Aliases.Where(one => !marks.IsOurs(one.Value.Mark)).Select(one => one.Key)).Concat(facts.Others)
                .FirstOrDefault(address => address.EndsWith("@" + name, StringComparison.Ordinal));
            if (foreign is null && !domain.IsShared && domain.Keys.Keys.All(selectors.Contains)) yield return new StackOp.DropDomain(name, domain, new("domain", name, StackAction.Remove));
            else notes.Add($"{name} is not needed here any more, but stays on the server: {(foreign is null ? "it has settings we did not make" : $"{foreign} is not ours")}.");
        }
    }
}
