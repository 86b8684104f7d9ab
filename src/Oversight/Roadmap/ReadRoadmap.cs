using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Roadmap;

/// <summary>An objective or an item of the roadmap as it stands today.</summary>
/// <param name="Ref">Kind/name.</param>
/// <param name="Quarter">In which its time ends, such as 2026-Q3; null without one.</param>
/// <param name="DaysLeft">To the last day of its time; negative when it is over; null without one or when it is open.</param>
/// <param name="SlipDays">By how much its end moved since the version compared with; null when it did not.</param>
/// <param name="Waits">What depends on it, directly or not, as Kind/name.</param>
public sealed record BoardLine(
    string Ref, string Title, string? Period, string? Quarter, int? DaysLeft, Standing Standing, string? Priority, string? Effort, IReadOnlyList<string> DependsOn, int? SlipDays, string? SlipFrom,
    IReadOnlyList<string> Waits, IReadOnlyList<string> Measures, string? Owner)
{
    public bool IsLate => DaysLeft < 0 && !Standing.IsOver;
}

/// <summary>The board of the plan: objectives, then the roadmap by quarter, with what slipped and what waits. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ReadRoadmap
{
    /// <param name="Plan">Null while there is no plan; then everything else is empty.</param>
    /// <param name="ComparedWith">What slips are counted against: the version the last review looked at, else the one before.</param>
    /// <param name="Changes">Of objectives and items since then, as a change log.</param>
    public sealed record Output(PlanVersion? Plan, PlanVersion? ComparedWith, IReadOnlyList<BoardLine> Objectives, IReadOnlyList<BoardLine> Items, IReadOnlyList<PlanChange> Changes);

    public static async Task<Result<Output>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await CurrentPlan.Read(tx, ct) is not { } plan) return new Output(null, null, [], [], []);
        var before = await plan.Before(tx, ct);
        return Board(plan, before, await CheckIn.Newest(tx, plan.Version.Plan, ct), clock.Today());
    }

    internal static Output Board(CurrentPlan plan, CurrentPlan? before, IReadOnlyDictionary<string, CheckIn> said, DateOnly today)
    {
        var slips = before is null ? [] : RoadmapSlips.Between(before.Plan, plan.Plan).ToDictionary(slip => slip.Ref, StringComparer.Ordinal);
        BoardLine Line(PlanObject one) => LineOf(plan, one, said.GetValueOrDefault(one.Ref), slips.GetValueOrDefault(one.Ref), today);
        var changes = before is null ? [] : PlanDiff.Compare(before.Plan, plan.Plan).Where(change => change.Ref.StartsWith("RoadmapItem/", StringComparison.Ordinal) || change.Ref.StartsWith("Objective/", StringComparison.Ordinal));
        return new Output(plan.Version, before?.Version, [.. plan.Plan.Of("Objective").Select(Line)],
            [.. plan.Plan.Of("RoadmapItem").Select(Line).OrderBy(line => line.Quarter is null).ThenBy(line => line.Quarter, StringComparer.Ordinal).ThenBy(line => line.Priority is null).ThenBy(line => line.Priority, StringComparer.Ordinal)], [.. changes]);
    }

    static BoardLine LineOf(CurrentPlan plan, PlanObject one, CheckIn? last, Slip? slip, DateOnly today)
    {
        var due = RoadmapSlips.EndOf(plan.Plan, plan.Times, one);
        int? left = due is { IsOpen: false } end ? end.End.DayNumber - today.DayNumber : null;
        return new BoardLine(one.Ref, one.Title, due?.Text, due is { IsOpen: false } known ? $"{known.End.Year:0000}-Q{(known.End.Month + 2) / 3}" : null, left, Standing.Of(one, last), one.Text("priority") is { } priority && priority != "none" ? priority : null,
            one.Quantity("effort")?.ToString(), [.. one.Names("dependsOn")], slip?.Days, slip?.From, RoadmapSlips.WaitingFor(plan.Plan, one),
            [.. one.Names("measuredBy").Select(name => plan.Plan.Find(name)).OfType<PlanObject>().Select(measure => measure.Quantity("quantity") is { } wanted ? $"{plan.Plan.Find("Metric", measure.Text("metric"))?.Title ?? measure.Title} {wanted}" : measure.Title)], plan.OwnerOf(one));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/roadmap",
        async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, db, clock, ct)).ToHttp());
}
