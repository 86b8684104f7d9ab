using PenguinMails.Core.Db;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Decisions;

/// <summary>Judges each decision once its review date has come; one that had too little is looked at again when another period is closed.</summary>
static class JudgeDecisions
{
    /// <summary>In the caller's transaction. Running it twice writes nothing twice.</summary>
    public static async Task Within(TenantTx tx, CurrentPlan plan, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var due = (await ListDecisions.Within(tx, plan, ct)).Where(line => line.Kpi is not null && line.ReviewOn <= today && line.Outcome is null or { Verdict: "not_enough_data" }).ToList();
        if (due.Count == 0) return;
        var values = await KpiBook.Read(tx, null, today, ct);
        foreach (var line in due)
            if (KpiCatalog.Find(line.Kpi ?? "") is { } kpi && plan.Plan.Find("Decision", line.Name) is { } one)
                Judge(plan, one, line, kpi, KpiText.Closed(kpi, values[kpi.Key], today), today, now)?.Write(tx, plan.Version.Plan);
    }

    // What closed by the review date counts. While that is too little, later periods count too: an effect does not stop on that day.
    internal static DecisionOutcome? Judge(CurrentPlan plan, PlanObject one, DecisionLine line, Kpi kpi, IReadOnlyList<KpiValue> closed, DateOnly today, DateTimeOffset now)
    {
        if (line.ReviewOn is not { } reviewOn || one.Period("date") is not { IsOpen: false } decided) return null;
        var expected = ExpectedChange.Of(one.Spec.Map("expectedEffect"));
        var found = DecisionEffect.Of(kpi, closed, decided.End, reviewOn, expected);
        if (found.Verdict == "not_enough_data") found = DecisionEffect.Of(kpi, closed, decided.End, today, expected);
        var through = closed.Count > 0 ? closed[^1].Start : decided.End; // Before everything that may close later.
        return new DecisionOutcome(one.Name, reviewOn, through, kpi.Key, found.Verdict, line.Expected ?? "", found.Before, found.After, found.Effect, found.Range?.Low, found.Range?.High, found.PointsBefore, found.PointsAfter,
            found.CasesBefore, found.CasesAfter, found.Sentence, DecisionEffect.EngineVersion, plan.Version.Id, now);
    }
}
