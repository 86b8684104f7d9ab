using PenguinMails.Core;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Walks;

/// <summary>A domain's zone, brought to what it must hold: planned, written or asked for, and watched until the world sees it.</summary>
/// <param name="Plan">The one at work; null before.</param>
/// <param name="Keep">Remembers the plan that is at work now.</param>
sealed record ZoneWork(WalkDesk Desk, DomainId Domain, string DomainName, DnsPlanId? Plan, Func<DnsPlanId, CancellationToken, Task> Keep)
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public async Task<StepOutcome> Run(CancellationToken ct)
    {
        if (await AtWork(ct) is not { } plan)
        {
            await Desk.Seen($"Comparing the zone of {DomainName} with what it needs");
            var drawn = await PlanDns.Draw(Desk.Actor, Domain, "person", Desk.Db, Desk.Tools.Dns, Desk.Clock, ct);
            if (drawn.Problem is { Code: "dns.zone_unknown" } unknown) return StepOutcome.Customer(unknown.Detail, Desk.Patience);
            if (drawn.Problem is { } refused) return StepOutcome.Of(refused);
            plan = drawn.Value;
            await Keep(plan.Id, ct);
        }

        if (plan.Findings.FirstOrDefault(finding => finding.IsBlocking) is { } blocking && plan.State == "ready") return StepOutcome.Stopped(blocking.Code, $"{blocking.Detail} {blocking.WayOut}");
        return plan.State switch
        {
            "ready" when plan.HostKind == DnsSetup.ByHand => await ByHand(plan, ct),
            "ready" => await Apply(plan, ct),
            "applying" when plan.Problem.Length > 0 => StepOutcome.Customer(plan.Problem, Look * 2),
            "applying" => StepOutcome.Waiting($"Writing {plan.Changes.Count()} records into {plan.Zone}", Look),
            "written" => await Watch(plan, ct),
            "verified" => StepOutcome.Done(plan.Changes.Any() ? $"{plan.Changes.Count()} records stand in {plan.Zone}, and every name server shows them." : $"All records stood in {plan.Zone} already."),
            _ => StepOutcome.Stopped("dns.plan_failed", plan.Problem),
        };
    }

    // One that is stale or failed for good is made anew.
    async Task<DnsPlan?> AtWork(CancellationToken ct)
    {
        if (Plan is not { } id) return null;
        var plan = await ApplyDnsPlan.Find(Desk.Actor, Domain, id, Desk.Db, ct);
        return plan is { State: "stale" or "undone" } || (plan?.State == "failed" && Desk.Step.IsResumed) ? null : plan;
    }

    async Task<StepOutcome> Apply(DnsPlan plan, CancellationToken ct)
    {
        var applied = await ApplyDnsPlan.Handle(Desk.Actor, Domain, plan.Id, Desk.Db, Desk.Tools.Dns, Desk.Clock, ct);
        return applied.Problem is { Code: "dns.zone_changed" or "dns.plan_busy" } moved ? StepOutcome.Waiting(moved.Detail, Look)
            : applied.Problem is { } refused ? StepOutcome.Of(refused)
            : StepOutcome.Waiting($"Writing {plan.Changes.Count()} records into {plan.Zone}", Look);
    }

    async Task<StepOutcome> ByHand(DnsPlan plan, CancellationToken ct)
    {
        var watched = await WatchDnsPlan.Handle(Desk.Actor, Domain, plan.Id, Desk.Db, Desk.Tools.Dns, Desk.Clock, ct);
        return watched.Match(
            seen => seen.State == "verified" ? StepOutcome.Waiting("All records are there", TimeSpan.Zero)
                : StepOutcome.Customer($"Publish {plan.Changes.Count()} records where the DNS of {plan.Zone} is managed; the domain's DNS page has them to copy and as a zone file. {seen.Problem}", Desk.Patience),
            StepOutcome.Of);
    }

    async Task<StepOutcome> Watch(DnsPlan plan, CancellationToken ct)
    {
        var watched = await WatchDnsPlan.Handle(Desk.Actor, Domain, plan.Id, Desk.Db, Desk.Tools.Dns, Desk.Clock, ct);
        return watched.Match(
            seen => StepOutcome.Waiting(seen.State == "verified" ? "All records are there" : $"Waiting until every name server shows the records. {seen.Problem}", seen.State == "verified" ? TimeSpan.Zero : Desk.Patience),
            StepOutcome.Of);
    }

    /// <summary>Restores what stood in the zone before; what somebody changed since then stays.</summary>
    public async Task<StepOutcome> Undo(CancellationToken ct)
    {
        if (Plan is not { } id) return StepOutcome.Done("Nothing was written into DNS.");
        if (await ApplyDnsPlan.Find(Desk.Actor, Domain, id, Desk.Db, ct) is not { } plan) return StepOutcome.Done("Nothing was written into DNS.");
        if (plan.Origin == "undo") return plan.State is "ready" or "applying" or "failed" ? await Restore(plan, ct) : StepOutcome.Done(plan.State == "stale" ? $"DNS stays as it is: {plan.Problem}" : "DNS is as it was before.");
        if (plan.State == "applying") return StepOutcome.Waiting("Waiting until the records are written, to take them back", Look);
        if (plan.HostKind == DnsSetup.ByHand) return StepOutcome.Done("The records were published by hand and stay; take them away where they stand.");
        var undo = await UndoDnsPlan.Handle(Desk.Actor, Domain, id, Desk.Db, Desk.Tools.Dns, Desk.Clock, ct);
        if (undo.Problem is { Code: "dns.plan_over" }) return StepOutcome.Done("Nothing was written into DNS.");
        if (undo.Problem is { } refused) return Kept(refused);
        await Keep(undo.Value.Id, ct);
        return await Restore(undo.Value, ct);
    }

    async Task<StepOutcome> Restore(DnsPlan undo, CancellationToken ct)
    {
        if (undo.State == "applying") return StepOutcome.Waiting(undo.Problem.Length > 0 ? undo.Problem : "Restoring what stood in DNS", Look);
        if (undo.State == "failed") return StepOutcome.Done($"DNS stays as it is: {undo.Problem}");
        var applied = await ApplyDnsPlan.Handle(Desk.Actor, undo.DomainId, undo.Id, Desk.Db, Desk.Tools.Dns, Desk.Clock, ct);
        return applied.Problem is { } refused ? Kept(refused) : StepOutcome.Waiting("Restoring what stood in DNS", Look);
    }

    static StepOutcome Kept(Problem refused) => refused.Kind == ProblemKind.Unavailable ? StepOutcome.Of(refused) : StepOutcome.Done($"DNS stays as it is: {refused.Detail}");
}
