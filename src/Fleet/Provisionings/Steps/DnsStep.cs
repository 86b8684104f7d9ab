using PenguinMails.Core;
using PenguinMails.Fleet.Dns;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>The domain's records stand in its zone and the world sees them.</summary>
static class DnsStep
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static async Task<StepOutcome> Run(StepDesk desk, CancellationToken ct)
    {
        if (await Plan(desk, ct) is not { } plan)
        {
            await desk.Seen($"Comparing the zone of {desk.Provisioning.DomainName} with what it needs");
            var drawn = await PlanDns.Draw(desk.Actor, desk.Domain, "person", desk.Db, desk.Tools.Dns, desk.Clock, ct);
            if (drawn.Problem is { Code: "dns.zone_unknown" } unknown) return StepOutcome.Customer(unknown.Detail, desk.Patience);
            if (drawn.Problem is { } refused) return StepOutcome.Of(refused);
            plan = drawn.Value;
            await desk.Keep(plan.Id, ct);
        }

        if (plan.Findings.FirstOrDefault(finding => finding.IsBlocking) is { } blocking && plan.State == "ready") return StepOutcome.Stopped(blocking.Code, $"{blocking.Detail} {blocking.WayOut}");
        return plan.State switch
        {
            "ready" when plan.HostKind == DnsSetup.ByHand => await ByHand(desk, plan, ct),
            "ready" => await Apply(desk, plan, ct),
            "applying" when plan.Problem.Length > 0 => StepOutcome.Customer(plan.Problem, Look * 2),
            "applying" => StepOutcome.Waiting($"Writing {plan.Changes.Count()} records into {plan.Zone}", Look),
            "written" => await Watch(desk, plan, ct),
            "verified" => StepOutcome.Done(plan.Changes.Any() ? $"{plan.Changes.Count()} records stand in {plan.Zone}, and every name server shows them." : $"All records stood in {plan.Zone} already."),
            _ => StepOutcome.Stopped("dns.plan_failed", plan.Problem),
        };
    }

    // One that is stale or failed for good is made anew.
    static async Task<DnsPlan?> Plan(StepDesk desk, CancellationToken ct)
    {
        if (desk.Provisioning.DnsPlanId is not { } id) return null;
        var plan = await ApplyDnsPlan.Find(desk.Actor, desk.Domain, id, desk.Db, ct);
        return plan is { State: "stale" or "undone" } || (plan?.State == "failed" && desk.Step.State == "stopped") ? null : plan;
    }

    static async Task<StepOutcome> Apply(StepDesk desk, DnsPlan plan, CancellationToken ct)
    {
        var applied = await ApplyDnsPlan.Handle(desk.Actor, desk.Domain, plan.Id, desk.Db, desk.Tools.Dns, desk.Clock, ct);
        return applied.Problem is { Code: "dns.zone_changed" or "dns.plan_busy" } moved ? StepOutcome.Waiting(moved.Detail, Look)
            : applied.Problem is { } refused ? StepOutcome.Of(refused)
            : StepOutcome.Waiting($"Writing {plan.Changes.Count()} records into {plan.Zone}", Look);
    }

    static async Task<StepOutcome> ByHand(StepDesk desk, DnsPlan plan, CancellationToken ct)
    {
        var watched = await WatchDnsPlan.Handle(desk.Actor, desk.Domain, plan.Id, desk.Db, desk.Tools.Dns, desk.Clock, ct);
        return watched.Match(
            seen => seen.State == "verified" ? StepOutcome.Waiting("All records are there", TimeSpan.Zero)
                : StepOutcome.Customer($"Publish {plan.Changes.Count()} records where the DNS of {plan.Zone} is managed; the domain's DNS page has them to copy and as a zone file. {seen.Problem}", desk.Patience),
            StepOutcome.Of);
    }

    static async Task<StepOutcome> Watch(StepDesk desk, DnsPlan plan, CancellationToken ct)
    {
        var watched = await WatchDnsPlan.Handle(desk.Actor, desk.Domain, plan.Id, desk.Db, desk.Tools.Dns, desk.Clock, ct);
        return watched.Match(
            seen => StepOutcome.Waiting(seen.State == "verified" ? "All records are there" : $"Waiting until every name server shows the records. {seen.Problem}", seen.State == "verified" ? TimeSpan.Zero : desk.Patience),
            StepOutcome.Of);
    }

    /// <summary>Restores what stood in the zone before; what somebody changed since then stays.</summary>
    public static async Task<StepOutcome> Undo(StepDesk desk, CancellationToken ct)
    {
        if (desk.Provisioning.DomainId is not { } domain || desk.Provisioning.DnsPlanId is not { } id) return StepOutcome.Done("Nothing was written into DNS.");
        if (await ApplyDnsPlan.Find(desk.Actor, domain, id, desk.Db, ct) is not { } plan) return StepOutcome.Done("Nothing was written into DNS.");
        if (plan.Origin == "undo") return plan.State is "ready" or "applying" or "failed" ? await Restore(desk, plan, ct) : StepOutcome.Done(plan.State == "stale" ? $"DNS stays as it is: {plan.Problem}" : "DNS is as it was before.");
        if (plan.State == "applying") return StepOutcome.Waiting("Waiting until the records are written, to take them back", Look);
        if (plan.HostKind == DnsSetup.ByHand) return StepOutcome.Done("The records were published by hand and stay; take them away where they stand.");
        var undo = await UndoDnsPlan.Handle(desk.Actor, domain, id, desk.Db, desk.Tools.Dns, desk.Clock, ct);
        if (undo.Problem is { Code: "dns.plan_over" }) return StepOutcome.Done("Nothing was written into DNS.");
        if (undo.Problem is { } refused) return Kept(refused);
        await desk.Keep(undo.Value.Id, ct);
        return await Restore(desk, undo.Value, ct);
    }

    static async Task<StepOutcome> Restore(StepDesk desk, DnsPlan undo, CancellationToken ct)
    {
        if (undo.State == "applying") return StepOutcome.Waiting(undo.Problem.Length > 0 ? undo.Problem : "Restoring what stood in DNS", Look);
        if (undo.State == "failed") return StepOutcome.Done($"DNS stays as it is: {undo.Problem}");
        var applied = await ApplyDnsPlan.Handle(desk.Actor, undo.DomainId, undo.Id, desk.Db, desk.Tools.Dns, desk.Clock, ct);
        return applied.Problem is { } refused ? Kept(refused) : StepOutcome.Waiting("Restoring what stood in DNS", Look);
    }

    static StepOutcome Kept(Problem refused) => refused.Kind == ProblemKind.Unavailable ? StepOutcome.Of(refused) : StepOutcome.Done($"DNS stays as it is: {refused.Detail}");
}
