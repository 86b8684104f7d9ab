using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.CheckIns;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Decisions;
using PenguinMails.Oversight.Gates;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Reviews;
using PenguinMails.Oversight.Risks;
using PenguinMails.Oversight.Roadmap;

namespace PenguinMails.Oversight.Steps;

/// <summary>Everything of an account that is not as it should be today. Reads what is stored and judges nothing anew.</summary>
static class Deviations
{
    const int MonthsLookedBack = 3; // Bills come late.

    public static async Task<List<Deviation>> Find(TenantTx tx, CurrentPlan? plan, IReadOnlyList<ReviewLine> reviews, OversightSettings settings, DateOnly today, CancellationToken ct)
    {
        var found = new List<Deviation>();
        found.AddRange(await Figures(tx, plan, ct));
        if (plan is null) return found;
        found.AddRange(Slips(plan, await CheckIn.Newest(tx, plan.Version.Plan, ct), today));
        found.AddRange(await Budgets(tx, plan, settings, today, ct));
        found.AddRange((await ListRisks.Within(tx, plan, today, ct)).SelectMany(OfRisk));
        found.AddRange((await ListDecisions.Within(tx, plan, ct)).SelectMany(OfDecision));
        found.AddRange(reviews.SelectMany(OfReview));
        found.AddRange((await ListGates.Within(tx, plan, today, ct)).SelectMany(gate => OfGate(gate, today)));
        return found;
    }

    // A direction or a missed target is one deviation for as long as it is told without a break.
    static async Task<List<Deviation>> Figures(TenantTx tx, CurrentPlan? plan, CancellationToken ct)
    {
        var found = new List<Deviation>();
        foreach (var now in (await tx.List(KpiVerdict.SelectLatest, KpiVerdict.Read, ct, tx.Tenant, null)).Where(one => one.Announced == Direction.Worsening || one.Assurance == Assurance.Fail))
        {
            var history = await tx.List(KpiVerdict.SelectHistory, KpiVerdict.Read, ct, tx.Tenant, now.Kpi);
            var owner = plan?.OwnerOf(plan.Plan.Of("Metric").FirstOrDefault(metric => plan.KpiOf(metric.Name)?.Key == now.Kpi));
            if (now.Announced == Direction.Worsening) found.Add(new("figure", $"Kpi/{now.Kpi}", $"figure:{now.Kpi}:{Since(history, one => one.Announced == Direction.Worsening):yyyy-MM-dd}", now.Sentence, owner));
            if (now.Assurance == Assurance.Fail) found.Add(new("target", $"Kpi/{now.Kpi}", $"target:{now.Kpi}:{Since(history, one => one.Assurance == Assurance.Fail):yyyy-MM-dd}", now.Sentence, owner));
        }

        return found;
    }

    static DateOnly Since(List<KpiVerdict> history, Func<KpiVerdict, bool> holds) => history.TakeWhile(holds).Last().Through;

    static IEnumerable<Deviation> Slips(CurrentPlan plan, IReadOnlyDictionary<string, CheckIn> said, DateOnly today) => RoadmapSlips.Late(plan.Plan, said, today).Select(late =>
        new Deviation("slip", late.Subject.Ref, $"slip:{plan.Version.Plan}:{late.Subject.Ref}:{late.Due.End:yyyy-MM-dd}", $"{late.Subject.Title} should have been done by {late.Due.End.Text()} and is {Standing.Of(late.Subject, said.GetValueOrDefault(late.Subject.Ref)).Status.Replace('_', ' ')}.", plan.OwnerOf(late.Subject)));

    static async Task<List<Deviation>> Budgets(TenantTx tx, CurrentPlan plan, OversightSettings settings, DateOnly today, CancellationToken ct)
    {
        var found = new List<Deviation>();
        for (var back = 1; back <= MonthsLookedBack; back++)
        {
            var month = $"{today.AddMonths(-back):yyyy-MM}";
            var budget = await ReadBudget.Within(tx, plan, month, null, settings, today, ct);
            if (!budget.HasCosts) break;
            // Less than planned is shown on the page; it may as well be a bill that is missing.
            found.AddRange(budget.Lines.Where(line => line is { IsMaterial: true, Off: > 0 }).Select(line => new Deviation("budget", $"CostLine/{line.Name}", $"budget:{plan.Version.Plan}:{line.Name}:{month}",
                line.IsPlanned ? $"{line.Title} was {MinorUnits.Show(line.Off, budget.Currency ?? "")} over its plan in {month}{(line.Cause is { } cause ? $" ({cause})" : "")}." : $"{line.Title} was {MinorUnits.Show(line.Off, budget.Currency ?? "")} in {month}, and no line of the plan names it.", line.Owner)));
        }

        return found;
    }

    static IEnumerable<Deviation> OfRisk(RiskLine risk) => risk.Indicators.Where(one => one.IsPassed == true)
        .Select(one => new Deviation("risk", $"Risk/{risk.Name}", $"risk:{risk.Name}:{one.Metric}:{one.Trigger}:{one.Since:yyyy-MM-dd}", $"{risk.Title}: {one.Sentence}", risk.Owner));

    static IEnumerable<Deviation> OfDecision(DecisionLine line)
    {
        if (line.Outcome is { } outcome && line.State is "less_than_expected" or "other_direction" or "no_effect_seen")
            yield return new Deviation("decision", $"Decision/{line.Name}", $"decision:{line.Name}:{line.Outcome?.ReviewOn:yyyy-MM-dd}", $"{line.Title}: {AnswerEffects.Word(line.State)}. {line.Outcome?.Sentence}", line.Owner);
    }

    static IEnumerable<Deviation> OfReview(ReviewLine review)
    {
        if (review is { IsOverdue: true, NextDue: { } due }) yield return new Deviation("review", $"Review/{review.Name}", $"review:{review.Name}:{due:yyyy-MM-dd}", $"{review.Title} was due on {due.Text()} and is not recorded as held.", review.Owner);
    }

    // A condition that is not met before its time is work ahead; what somebody found failing, or what ran out, is not.
    static IEnumerable<Deviation> OfGate(GateLine gate, DateOnly today)
    {
        foreach (var one in gate.Criteria.Where(one => one.State != "passed"))
        {
            var cause = one switch
            {
                { State: "failed", Rests: "said" } => $"failed:{one.Said?.Id:N}",
                { IsExpired: true } => $"expired:{one.Said?.Id:N}",
                { State: "failed" } when gate.DaysLeft < 0 => $"late:{today.AddDays(gate.DaysLeft.GetValueOrDefault()):yyyy-MM-dd}",
                _ => null,
            };
            if (cause is null) continue;
            var words = one.IsExpired ? $"the evidence ran out on {one.Said?.ExpiresOn?.Text()}" : one.Rests == "said" ? $"it failed: {one.Said?.Evidence}" : one.Measured?.Sentence ?? "the plan says it is not met";
            yield return new Deviation("gate", $"Gate/{gate.Name}#{one.Key}", $"gate:{gate.Name}:{one.Key}:{cause}", $"{gate.Title}, {one.Words}: {words}", gate.Owner);
        }
    }
}
