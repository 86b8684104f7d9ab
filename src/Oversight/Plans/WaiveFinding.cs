using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Lint;
using PenguinMails.Oversight.Steps;

namespace PenguinMails.Oversight.Plans;

/// <summary>Accepts a finding of the linter for a time: the plan's next version is the newest one with a Waiver in it. A waiver of the same finding is replaced.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.not_found</c>, <c>plan.not_newest</c>, <c>plan.unread</c>, <c>waiver.invalid</c>, <c>plan.invalid</c> when it grew too large to be read, or <c>plan.raced</c>.</remarks>
public static class WaiveFinding
{
    /// <summary>Days that a waiver may hold: whoever accepts something looks at it again within a year.</summary>
    public const int DaysMax = 366;

    const int NameLengthMax = 80;

    /// <param name="Finding">Its id, as the linter gives it: rule and names.</param>
    /// <param name="Reason">1 to 1,000 characters.</param>
    /// <param name="By">Who accepts it: an owner the plan names, or a member by name or address.</param>
    /// <param name="Until">Last day it holds; after today and at most 366 days ahead.</param>
    public sealed record Input(string Finding, string Reason, string By, DateOnly Until);

    /// <param name="Waiver">Its name in the plan.</param>
    /// <param name="Covered">Findings that it covers; more than one where all named objects take part in several of the rule.</param>
    public sealed record Output(PlanVersion Version, string Waiver, int Covered);

    public static async Task<Result<Output>> Handle(Actor actor, PlanVersionId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (now, today) = (clock.GetUtcNow(), clock.Today());
        var members = await StepRules.Members(actor.Tenant, db, ct);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var read = await NextVersion.Newest(tx, id, ct);
        if (read.Problem is { } missing) return missing;
        var (newest, plan) = read.Value;
        if (Faults(input, plan, members, today).ToArray() is { Length: > 0 } faults) return Problem.Invalid("waiver.invalid", faults);
        var name = plan.Of("Waiver").FirstOrDefault(one => one.Text("finding") == input.Finding)?.Name ?? NewName(plan, input.Finding);
        var waiver = Waiver(name, input);
        var changed = new Plan([.. plan.Objects.Where(one => one.Ref != waiver.Ref), waiver]);
        var kept = await NextVersion.Keep(tx, actor, newest, changed, "finding.waived", _ => new { waiver = name, finding = input.Finding, by = input.By.Trim(), until = input.Until }, now, ct);
        if (kept.Problem is { } problem) return problem;
        await tx.Commit(ct);
        return new Output(kept.Value, name, PlanLinter.Run(changed, today).Waived.Count(one => one.Waiver == name));
    }

    /// <summary>Whom the plan names as an owner.</summary>
    public static IReadOnlyList<string> Owners(Plan plan) =>
        [.. plan.Objects.Select(one => one.Owner).Append(plan.Head?.Text("defaultOwner")).Concat(plan.Of("Waiver").Select(one => one.Text("by"))).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    static IEnumerable<FieldProblem> Faults(Input input, Plan plan, List<ListMembers.Member> members, DateOnly today)
    {
        var finding = PlanLinter.Run(plan, today).Findings.FirstOrDefault(one => one.Id == input.Finding);
        if (finding is null) yield return new("finding", "No such finding stands in the newest version. Take an id of its findings: rule and names.");
        else if (finding.Places.Count == 0) yield return new("finding", "It names no object, so nothing can be named that is accepted. Correct the plan instead.");
        if (Wording.Check("reason", input.Reason, Wording.SentenceMax) is { } reason) yield return reason;
        if (!Owners(plan).Contains(input.By.Trim(), StringComparer.Ordinal) && StepRules.OwnerOf(input.By, members) is null) yield return new("by", "Nobody of that name: write an owner as the plan does, such as role:cfo, or the name or address of one member.");
        if (input.Until <= today || input.Until > today.AddDays(DaysMax)) yield return new("until", $"A day from {today.AddDays(1):yyyy-MM-dd} to {today.AddDays(DaysMax):yyyy-MM-dd}.");
    }

    static string NewName(Plan plan, string finding)
    {
        var words = finding.ToLowerInvariant().Split(' ');
        var name = $"w-{words[0]}-{words[1]}";
        name = name[..Math.Min(name.Length, NameLengthMax)].TrimEnd('.', '-');
        return Enumerable.Range(1, plan.Objects.Count + 1).Select(i => i == 1 ? name : $"{name}-{i}").First(one => plan.Find("Waiver", one) is null);
    }

    static PlanObject Waiver(string name, Input input)
    {
        var metadata = Map(("name", name));
        var spec = Map(("finding", input.Finding), ("reason", input.Reason.Trim()), ("by", input.By.Trim()), ("until", input.Until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        return new PlanObject("Waiver", new MapNode(default, []), metadata, spec);
    }

    static MapNode Map(params IEnumerable<(string Key, string Text)> entries) =>
        new(default, [.. entries.Select(one => KeyValuePair.Create<ScalarNode, Node>(new(default, one.Key, quoted: false), new ScalarNode(default, one.Text, quoted: true)))]);

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/plan-versions/{id}/waivers",
        async (Actor actor, PlanVersionId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/plan-versions/{made.Version.Id}", made)));
}

/// <summary>Takes a waiver back: the plan's next version is the newest one without it.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>plan.not_found</c>, <c>plan.not_newest</c>, <c>plan.unread</c>, <c>waiver.not_found</c> or <c>plan.raced</c>.</remarks>
public static class WithdrawWaiver
{
    /// <param name="Waiver">Its name in the plan.</param>
    public sealed record Input(string Waiver);

    public static async Task<Result<PlanVersion>> Handle(Actor actor, PlanVersionId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var read = await NextVersion.Newest(tx, id, ct);
        if (read.Problem is { } missing) return missing;
        var (newest, plan) = read.Value;
        if (plan.Find("Waiver", input.Waiver) is not { } waiver) return new Problem(ProblemKind.NotFound, "waiver.not_found", "The newest version of the plan has no such waiver.");
        var kept = await NextVersion.Keep(tx, actor, newest, new Plan([.. plan.Objects.Where(one => one.Ref != waiver.Ref)]), "waiver.withdrawn", _ => new { waiver = waiver.Name, finding = waiver.Text("finding") }, clock.GetUtcNow(), ct);
        if (kept.IsOk) await tx.Commit(ct);
        return kept;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/plan-versions/{id}/waivers/withdraw",
        async (Actor actor, PlanVersionId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
