using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Oversight.Answers;

/// <summary>What finance asks.</summary>
static class FinanceAnswers
{
    public static Answer AheadOfPlan(AnswerFacts facts)
    {
        var key = facts.IsCompany ? "mrr" : "spend";
        var (kpi, href) = (AnswerFacts.Kpi(key), $"/kpis/{key}");
        if (facts.Last(key) is not { } last || facts.Verdicts.GetValueOrDefault(key) is not { } verdict) return Answer.Missing($"{kpi.Name} has no closed month; load it (penguin kpi load {key}). A verdict takes {kpi.PointsMin}.", href);
        if (PlanTargets.Of(facts.Plan, kpi) is not { } target) return new($"The plan has no target for it. {verdict.Sentence}", verdict.Announced, AnswerFacts.Shown(key, last), href, false);
        var (actual, plan) = (last.Observed.GetValueOrDefault(), target.At(last.Start));
        var delta = FigureText.Delta(kpi, FigureText.Scaled(kpi, actual), FigureText.Scaled(kpi, plan), last.Unit);
        var side = actual == plan ? "on plan" : kpi.Better == Better.Up == actual > plan ? "better than planned" : "worse than planned";
        var noise = verdict.IsSpecial ? "the last month is more than noise" : "the last month lies within its own noise";
        return new($"{kpi.Name} is {side} by {delta}, and {noise}. {verdict.Sentence}", verdict.Announced, AnswerFacts.Shown(key, last), href, verdict.Announced == Direction.NotEnoughData);
    }

    public static Answer Bridge(AnswerFacts facts)
    {
        if (facts.Last("mrr") is not { } last) return Answer.Missing("Recurring revenue has no closed month, so nothing moved it. Load it with its movements (penguin kpi load mrr, mrr_new and so on).", "/kpis/mrr");
        var (bridge, missing) = Bridges.Of(new(ReportKind.Finance, last.Start, new(facts.Today.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero), facts.Kpis, facts.Values, facts.Verdicts, null, null, null, [], [], []));
        if (bridge is null) return Answer.Missing(missing ?? "No bridge.", "/kpis/mrr_new");
        string Money(double amount) => (amount > 0 ? "+" : "") + amount.ToString("#,0", CultureInfo.InvariantCulture);
        var steps = bridge.Steps.Where(step => !step.IsTotal).OrderByDescending(step => Math.Abs(step.Amount)).ToList();
        return new($"Most of it: {steps[0].Name.ToLowerInvariant()} ({Money(steps[0].Amount)} {bridge.Currency}); {(bridge.Residue == 0 ? "the movements add up exactly" : $"{Money(bridge.Residue)} have no name")}.", null,
            string.Join(", ", bridge.Steps.Select(step => $"{step.Name.ToLowerInvariant()} {(step.IsTotal ? step.Amount.ToString("#,0", CultureInfo.InvariantCulture) : Money(step.Amount))}")), "/kpis/mrr", false);
    }

    public static Answer CostOfMail(AnswerFacts facts)
    {
        if (facts.Last("spend") is not { Value: { } spend } last) return Answer.Missing("What sending costs is not known: load what you spend (penguin kpi load spend). Then it is set against the messages of the month.", "/kpis/spend");
        var sent = facts.Closed("volume").Where(week => week.Start.Year == last.Start.Year && week.Start.Month == last.Start.Month).Sum(week => week.Value.GetValueOrDefault());
        if (sent <= 0) return Answer.Missing("No message was counted in the newest month with spend, so there is no cost of one.", "/kpis/volume");
        return new(string.Create(CultureInfo.InvariantCulture, $"A thousand messages cost {1000 * spend / sent:#,0.00} {last.Unit} in {FigureText.Period(AnswerFacts.Kpi("spend"), last.Start)}."), facts.Verdicts.GetValueOrDefault("spend")?.Announced,
            string.Create(CultureInfo.InvariantCulture, $"{spend:#,0} {last.Unit} for {sent:#,0} messages"), "/kpis/spend", false);
    }

    public static Answer Reachable(AnswerFacts facts)
    {
        var open = facts.Reaches.Where(reach => reach.Periods > 0).ToList();
        if (open.Count == 0) return Answer.Missing("The plan has no dated target ahead for a figure that is measured.", "/scenarios");
        var known = open.Where(reach => reach.Chance is not null).OrderBy(reach => reach.Chance).FirstOrDefault();
        return known is null ? Answer.Missing(open[0].Sentence, "/scenarios") : new(known.Sentence, facts.Verdicts.GetValueOrDefault(known.Kpi)?.Announced, string.Create(CultureInfo.InvariantCulture, $"{100 * known.Chance:0} % by {known.Due:d MMMM yyyy}"), "/scenarios", false);
    }

    public static Answer Backed(AnswerFacts facts)
    {
        if (facts.Newest is not { } report || facts.NewestModel is not { } model) return Answer.Missing("There is no report yet; build one, and each sentence is held against the stored verdicts.", "/reports");
        var claims = model.Narrative.Where(sentence => sentence.Support != Support.NoClaim).ToList();
        var unsupported = claims.Count(sentence => sentence.Support == Support.Unsupported);
        return new(claims.Count == 0 ? "The newest report asserts no direction, so there is nothing to back." : unsupported == 0 ? "Every sentence of the newest report that asserts a direction has a verdict behind it." : $"{unsupported} of {claims.Count} sentences of the newest report that assert a direction have no verdict behind them; they are marked.", null,
            $"{claims.Count} claims, {unsupported} unsupported", $"/reports/{report.Id}", false);
    }

    public static Answer LifetimeValue(AnswerFacts facts)
    {
        const string key = "ltv_to_cac";
        if (facts.Last(key) is not { } last || facts.Verdicts.GetValueOrDefault(key) is not { } verdict) return Answer.Missing($"Lifetime value to cost is not loaded (penguin kpi load {key}); a verdict takes 12 months.", $"/kpis/{key}");
        var range = verdict is { LimitLow: { } low, LimitHigh: { } high } ? string.Create(CultureInfo.InvariantCulture, $" It moves between {low:0.0} and {high:0.0} by itself.") : "";
        return new($"{verdict.Sentence}{range}", verdict.Announced, AnswerFacts.Shown(key, last), $"/kpis/{key}", verdict.Announced == Direction.NotEnoughData);
    }

    public static Answer NextBill(AnswerFacts facts)
    {
        var kpi = AnswerFacts.Kpi("spend");
        var closed = facts.Closed("spend");
        if (KpiForecast.Of(kpi, closed, 2) is not { Errors: > 0 } forecast) return Answer.Missing($"A forecast of what you pay takes {KpiForecast.PointsMin} closed months without a gap and some to try it on; there are {closed.Count}.", "/kpis/spend");
        var month = forecast.Periods.FirstOrDefault(period => period.Start >= new DateOnly(facts.Today.Year, facts.Today.Month, 1)) ?? forecast.Periods[^1];
        var unit = closed[^1].Unit;
        return new($"Between {FigureText.Amount(kpi, month.Low, unit)} and {FigureText.Amount(kpi, month.High, unit)} in {FigureText.Period(kpi, month.Start)}, four times of five.", facts.Verdicts.GetValueOrDefault("spend")?.Announced,
            $"about {FigureText.Amount(kpi, month.Middle, unit)}", "/kpis/spend", false);
    }
}
