using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Reports;

/// <summary>What the weekly mail would say now, for the first page of an account with one member. Keeps nothing. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ShortForm
{
    /// <returns>No sentence for an account with more people, or before there is a figure.</returns>
    public static async Task<Result<IReadOnlyList<string>>> Handle(Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((await CountPeople.Within(tx, ct)).Members > 1) return Result<IReadOnlyList<string>>.Of([]);
        var from = ReportPeriods.StartOf(ReportKind.Weekly, DateOnly.FromDateTime(now.UtcDateTime));
        var facts = await ReadReportFacts.Within(tx, ReportKind.Weekly, from, BuildReport.Microseconds(now), null, [], settings.Company == actor.Tenant, ct);
        return Result<IReadOnlyList<string>>.Of(facts.Verdicts.Count == 0 ? [] : WeeklyText.Sentences(ReportBuilder.Brief(facts)));
    }
}
