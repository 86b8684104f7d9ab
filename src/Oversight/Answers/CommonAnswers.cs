using System.Globalization;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Insight;
using PenguinMails.Insight.Intervals;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Oversight.Answers;

/// <summary>What a person alone asks, and what everybody does.</summary>
static class CommonAnswers
{
    const double Alpha = 0.20;
    const long SentMin = 200;

    // Google Email sender guidelines FAQ, 2026-03-11: below 0.1 %, never 0.3 %; Yahoo FAQ, 2025-08-02, the same. Microsoft names no number.
    const double Wanted = 0.001;
    const double Never = 0.003;

    static readonly string[] Watched = ["google", "yahoo", "microsoft_365", "outlook_com"];

    public static Answer HowAmI(AnswerFacts facts)
    {
        var told = facts.Kpis.Where(kpi => kpi.Scope == KpiScope.Account).Select(kpi => facts.Verdicts.GetValueOrDefault(kpi.Key)).OfType<KpiVerdict>().Where(verdict => verdict.Announced != Direction.NotEnoughData).ToList();
        if (told.Count == 0) return Answer.Missing("Nothing can be judged yet: a verdict takes 12 closed weeks. Until then the Brief shows what was sent and what came of it.", "/");
        var worst = told.FirstOrDefault(verdict => verdict.Announced == Direction.Worsening);
        var counts = $"{told.Count(verdict => verdict.Announced == Direction.Improving)} improving, {told.Count(verdict => verdict.Announced == Direction.Worsening)} worsening, {told.Count(verdict => verdict.Announced == Direction.Flat)} flat";
        return worst is null
            ? new("Nothing gets worse; go on.", told.Any(verdict => verdict.Announced == Direction.Improving) ? Direction.Improving : Direction.Flat, counts, "/kpis", false)
            : new($"{AnswerFacts.Kpi(worst.Kpi).Name} gets worse; look there next.", Direction.Worsening, counts, $"/kpis/{worst.Kpi}", false);
    }

    public static Answer Complaints(AnswerFacts facts)
    {
        var seen = facts.Now.Where(one => Watched.Contains(one.Provider) && one.Sent > 0).ToList();
        var judged = seen.Where(one => one.Sent >= SentMin).Select(one => (one.Provider, one.Sent, one.Complained, Range: WilsonScore.Of(Math.Min(one.Complained, one.Sent), one.Sent, Alpha))).ToList();
        if (judged.Count == 0) return Answer.Missing(string.Create(CultureInfo.InvariantCulture, $"Nobody can say yet: {SentMin} messages to one of them in four weeks are needed; the most there were is {seen.Select(one => one.Sent).DefaultIfEmpty().Max():N0}."), "/sending?view=guards");
        var worst = judged.MaxBy(one => one.Range.High);
        var name = Provider.ById(worst.Provider).Name;
        var sentence = worst.Range.Low > Never ? $"At risk with {name}: complaints are above 0.30 %, where mail is refused." : worst.Range.High <= Wanted ? "No: at each of them complaints are below 0.10 %." : worst.Range.High <= Never ? $"Not now, but {name} may be above the 0.10 % it asks for." : $"It cannot be ruled out with {name}: complaints may be above 0.30 %.";
        return new(sentence, facts.Verdicts.GetValueOrDefault("complaint_rate")?.Announced,
            string.Join("; ", judged.Select(one => string.Create(CultureInfo.InvariantCulture, $"{Provider.ById(one.Provider).Name} {one.Complained} of {one.Sent:N0} ({100 * one.Range.Low:0.00} to {100 * one.Range.High:0.00} %)"))), "/sending?view=guards", false);
    }

    public static Answer NotEnough(AnswerFacts facts)
    {
        var waiting = facts.Verdicts.Values.Where(verdict => verdict.Announced == Direction.NotEnoughData && facts.Kpis.Any(kpi => kpi.Key == verdict.Kpi)).ToList();
        if (waiting.Count == 0) return new("Every figure that has values can be judged.", null, null, "/kpis", false);
        var first = waiting.Where(verdict => verdict.OpensOn is not null).OrderBy(verdict => verdict.OpensOn).FirstOrDefault();
        var next = first is { OpensOn: { } day } ? $" Next: {AnswerFacts.Kpi(first.Kpi).Name}, about {day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}; {Missing(first)}." : " At this pace none of them will be.";
        return new($"{waiting.Count} figure{(waiting.Count == 1 ? "" : "s")} cannot be judged yet.{next}", Direction.NotEnoughData, string.Join(", ", waiting.Take(4).Select(verdict => $"{AnswerFacts.Kpi(verdict.Kpi).Name}: {Missing(verdict)}")), "/kpis", false);
    }

    static string Missing(KpiVerdict verdict) => verdict.PointsMissing > 0 ? $"{verdict.PointsMissing} more periods" : verdict.TrialsMissing > 0 ? string.Create(CultureInfo.InvariantCulture, $"{verdict.TrialsMissing:N0} more cases") : "periods without a gap";

    public static Answer Definitions(AnswerFacts facts)
    {
        var changed = facts.Kpis.Where(kpi => kpi.Version > 1).OrderByDescending(kpi => kpi.Versions[^1].Since).ToList();
        return new(changed.Count == 0 ? $"Each of {facts.Kpis.Count} figures has a page with its formula, what it leaves out and its version; no definition has changed." : $"{changed.Count} definitions have changed; the newest: {changed[0].Name} since {changed[0].Versions[^1].Since.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}: {changed[0].Versions[^1].Change}",
            null, $"definitions {ReportBuilder.Definitions}", "/data-trust", false);
    }

    public static Answer Trust(AnswerFacts facts)
    {
        var lines = facts.Kpis.Select(kpi => DataTrust.Of(kpi, [.. facts.Values[kpi.Key]], facts.Today)).Where(line => line.Newest is not null).ToList();
        if (lines.Count == 0) return Answer.Missing("There are no data yet: the first week closes a day to a week after its Sunday.", "/data-trust");
        var late = lines.Where(line => line.IsLate).ToList();
        return new(late.Count == 0 ? "Yes: every figure has its newest closed period." : $"Not all: {string.Join(", ", late.Take(3).Select(line => line.Kpi.Name))}{(late.Count > 3 ? $" and {late.Count - 3} more" : "")} wait{(late.Count == 1 ? "s" : "")} for a period that is over.", null,
            string.Create(CultureInfo.InvariantCulture, $"{lines.Count - late.Count} of {lines.Count} figures complete; {100 * lines.Average(line => line.Filled):0} % of the last 26 periods are there"), "/data-trust", false);
    }
}
