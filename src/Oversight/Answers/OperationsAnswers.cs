using System.Globalization;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Insight;
using PenguinMails.Insight.Intervals;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Lint;

namespace PenguinMails.Oversight.Answers;

/// <summary>What operations ask.</summary>
static class OperationsAnswers
{
    const long SentMin = 200;  // Below, a provider's rate says nothing.
    const double Alpha = 0.20; // Intervals shown to people miss one time in five.
    const int Weeks = 4;
    const string OwnSetUps = "provisioning_in_time";

    public static Answer Deliverability(AnswerFacts facts)
    {
        var key = facts.IsCompany && facts.Last("deliverability") is not null ? "deliverability" : "acceptance";
        var worst = facts.Now.Where(one => one.Sent >= SentMin && one.Provider.Length > 0).OrderByDescending(one => (double)one.Bounced / one.Sent).Take(3).Where(one => one.Bounced > 0).ToList();
        var where = worst.Count == 0 ? $" No provider with {SentMin} messages in four weeks stands out." : " Most bounces: " + string.Join(", ", worst.Select(one => string.Create(CultureInfo.InvariantCulture, $"{Provider.ById(one.Provider).Name} {100.0 * one.Bounced / one.Sent:0.0} % of {one.Sent:N0}"))) + ".";
        if (facts.Verdicts.GetValueOrDefault(key) is not { } verdict) return Answer.Missing($"No week of {AnswerFacts.Kpi(key).Name.ToLowerInvariant()} is closed yet; a verdict takes {AnswerFacts.Kpi(key).PointsMin}.{where}", $"/kpis/{key}");
        return new(verdict.Sentence + where, verdict.Announced, facts.Last(key) is { } last ? AnswerFacts.Shown(key, last) : null, $"/kpis/{key}", verdict.Announced == Direction.NotEnoughData);
    }

    public static Answer ErrorBudget(AnswerFacts facts)
    {
        var weeks = facts.Closed("uptime").TakeLast(Weeks).ToList();
        if (weeks.Count == 0) return Answer.Missing("Uptime is not loaded (penguin kpi load uptime), so no budget of errors can be told.", "/kpis/uptime");
        if (PlanTargets.Of(facts.Plan, AnswerFacts.Kpi("uptime")) is not { } target) return Answer.Missing("The plan has no target for uptime; what may fail follows from it.", "/kpis/uptime");
        var (all, good, wanted) = (weeks.Sum(week => week.Denominator.GetValueOrDefault()), weeks.Sum(week => week.Numerator.GetValueOrDefault()), target.At(weeks[^1].Start));
        var (allowed, used) = (all * (1 - wanted), all - good);
        var burn = allowed > 0 ? used / allowed : double.PositiveInfinity;
        return new(burn <= 1 ? string.Create(CultureInfo.InvariantCulture, $"{100 * (1 - burn):0} % of the error budget of the last {weeks.Count} weeks is left; it burns at {burn:0.0} of what is allowed.") : string.Create(CultureInfo.InvariantCulture, $"The error budget of the last {weeks.Count} weeks is spent: it burned at {burn:0.0} times what is allowed."),
            facts.Verdicts.GetValueOrDefault("uptime")?.Announced, string.Create(CultureInfo.InvariantCulture, $"{used:N0} of {allowed:N0} minutes, at a target of {100 * wanted:0.0#} %"), "/kpis/uptime", false);
    }

    public static Answer Provisioning(AnswerFacts facts)
    {
        var key = facts.IsCompany && facts.Last("platform_provisioning_in_time") is not null ? "platform_provisioning_in_time" : OwnSetUps;
        var weeks = facts.Closed(key).TakeLast(12).ToList();
        var (hits, trials) = (weeks.Sum(week => week.Numerator.GetValueOrDefault()), weeks.Sum(week => week.Denominator.GetValueOrDefault()));
        if (trials == 0) return Answer.Missing($"No domain was set up in the last twelve weeks; a verdict takes {AnswerFacts.Kpi(key).DenominatorMin} set-ups.", "/provisionings");
        var range = WilsonScore.Of(hits, trials, Alpha);
        return new(string.Create(CultureInfo.InvariantCulture, $"{hits} of {trials} set-ups of twelve weeks were ready within 60 minutes of the platform's own time; the true share lies between {100 * range.Low:0} and {100 * range.High:0} % (80 %).{(key == OwnSetUps ? Times(facts.SetUps) : "")} The failed ones are listed with the step they stopped at."),
            facts.Verdicts.GetValueOrDefault(key)?.Announced, string.Create(CultureInfo.InvariantCulture, $"{100.0 * hits / trials:0} %"), "/provisionings", false);
    }

    // The smallest time that so many were not slower than (nearest rank): a time that was really taken.
    static string Times(IReadOnlyList<SetUp> setUps)
    {
        var times = setUps.Where(one => one.IsReady).Select(one => one.PlatformTime.TotalMinutes).Order().ToList();
        if (times.Count == 0) return "";
        double Of(int percent) => times[(int)Math.Ceiling(percent / 100.0 * times.Count) - 1];
        return string.Create(CultureInfo.InvariantCulture, $" Of the {times.Count} ready ones begun in the last 84 days, half took at most {Of(50):0.0} minutes of it and 95 of 100 at most {Of(95):0.0}.");
    }

    public static Answer Contradictions(AnswerFacts facts)
    {
        if (facts.Findings is not { } findings) return Answer.Missing("There is no plan yet; import one, and 22 rules look for contradictions.", "/plans");
        var errors = findings.Where(finding => finding.Severity == Severity.Error).ToList();
        var unread = facts.Version?.Unread is { Count: > 0 } places ? $"Part of the plan is no longer read ({places[0].At} first); in the rest: " : "";
        return new(unread + (errors.Count == 0 ? $"Nowhere: no finding of severity error{(findings.Count > 0 ? $", and {findings.Count} that are worth a look" : "")}." : $"In {errors.Count} place{(errors.Count == 1 ? "" : "s")}; the first: {errors[0].Title}"), null, $"{errors.Count} errors of {findings.Count} findings",
            facts.Version is { } version ? $"/plans/{version.Id}" : "/plans", false);
    }

    /// <summary>Splits the change of the bounce rate over providers: what each changed itself, and what came of writing to others.</summary>
    public static Answer RateOrMix(AnswerFacts facts)
    {
        var (now, before) = (facts.Now.Sum(one => one.Sent), facts.Before.Sum(one => one.Sent));
        if (now < SentMin || before < SentMin) return Answer.Missing(string.Create(CultureInfo.InvariantCulture, $"Two stretches of four weeks with {SentMin} messages each are needed; there were {now:N0} and, before, {before:N0}."), "/kpis/bounce_rate");
        var (rate, mix) = Split(facts.Now, facts.Before);
        var total = rate + mix;
        var difference = Newcombe.Of(facts.Now.Sum(one => Math.Min(one.Bounced, one.Sent)), now, facts.Before.Sum(one => Math.Min(one.Bounced, one.Sent)), before, Alpha);
        string Points(double value) => string.Create(CultureInfo.InvariantCulture, $"{(value > 0 ? "+" : value < 0 ? "−" : "")}{Math.Abs(100 * value):0.00} points");
        var real = !difference.Range.ExcludesZero ? "The change may be chance" : Math.Abs(rate) >= Math.Abs(mix) ? "The change is real: the providers' own rates moved" : "The change is mostly mix: more was sent where more bounces";
        return new($"{real}. Bounces {Points(total)} in four weeks: {Points(rate)} from rates, {Points(mix)} from mix.", facts.Verdicts.GetValueOrDefault("bounce_rate")?.Announced, $"{Points(difference.Range.Low)} to {Points(difference.Range.High)} (80 %)", "/kpis/bounce_rate", false);
    }

    /// <returns>Rate: weights of now times the change of each rate. Mix: change of each weight times the rate before. Their sum is the whole change.</returns>
    internal static (double Rate, double Mix) Split(IReadOnlyList<ProviderCounts> now, IReadOnlyList<ProviderCounts> before)
    {
        var (sentNow, sentBefore) = ((double)now.Sum(one => one.Sent), (double)before.Sum(one => one.Sent));
        var (rate, mix) = (0.0, 0.0);
        foreach (var provider in now.Concat(before).Select(one => one.Provider).Distinct(StringComparer.Ordinal))
        {
            var (one, other) = (now.FirstOrDefault(counts => counts.Provider == provider), before.FirstOrDefault(counts => counts.Provider == provider));
            var (weightNow, weightBefore) = ((one?.Sent ?? 0) / sentNow, (other?.Sent ?? 0) / sentBefore);
            double? RateOf(ProviderCounts? counts) => counts is { Sent: > 0 } ? (double)counts.Bounced / counts.Sent : null;
            // A provider that is new or gone has one rate only: all it brings is mix.
            var (rateNow, rateBefore) = (RateOf(one) ?? RateOf(other) ?? 0, RateOf(other) ?? RateOf(one) ?? 0);
            rate += weightNow * (rateNow - rateBefore);
            mix += (weightNow - weightBefore) * rateBefore;
        }

        return (rate, mix);
    }
}
