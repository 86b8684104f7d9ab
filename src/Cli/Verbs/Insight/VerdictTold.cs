using PenguinMails.Insight;
using PenguinMails.Insight.Charts;
using PenguinMails.Insight.Trends;

namespace PenguinMails.Cli.Verbs.Insight;

/// <summary>A verdict as JSON: every key is always there, null where nothing can be said.</summary>
sealed record VerdictTold(
    Direction Direction, Shape Shape, string? Lean, Confidence Confidence, double? Level, double? LevelLow, double? LevelHigh, double? From, double? To, double? Delta, double? DeltaLow,
    double? DeltaHigh, DateOnly? Since, Assurance Assurance, bool LatestIsSpecialCause, string Sentence, EvidenceTold Evidence)
{
    public static VerdictTold Of(Verdict verdict, DateOnly? first, Grain grain) => new(
        verdict.Direction, verdict.Shape, verdict.Lean switch { Trend.Rising => "up", Trend.Falling => "down", Trend.None => null }, verdict.Confidence,
        verdict.Level, verdict.LevelInterval?.Low, verdict.LevelInterval?.High, verdict.From, verdict.To, verdict.Delta, verdict.DeltaInterval?.Low, verdict.DeltaInterval?.High,
        verdict.Since, verdict.Assurance, verdict.LatestIsSpecialCause, verdict.Sentence, EvidenceTold.Of(verdict.Evidence, first, grain));
}

sealed record BicTold(double? Flat, double? Linear, double? Step);

sealed record StepTold(int Break, DateOnly? LastBefore, double Before, double After, double? T, double? PPettitt, string Since);

sealed record RuleTold(RunRule Rule, DateOnly Start);

sealed record LimitsTold(double Mean, double Low, double High);

sealed record DispersionTold(double Statistic, int Freedom, double P, double Ratio);

/// <summary>The numbers behind a verdict.</summary>
sealed record EvidenceTold(
    double? PMk, double? PPw, double? ZMk, double? R1, double? Slope, double? Intercept, double? SlopeLow, double? SlopeHigh, BicTold? Bic, StepTold? Step, int N, long Den, int Periods, double Coverage,
    int PointsMissing, long DenominatorMissing, int? PeriodsToWait, DateOnly? OpensOn, IReadOnlyList<RuleTold> Rules, IReadOnlyList<DateOnly> Outliers, LimitsTold? Limits,
    DispersionTold? Overdispersion, SeasonState Season, double? YearOnYear, double? Growth, bool IsLog, double? Target, double ClaimP, string EngineVersion)
{
    public static EvidenceTold Of(Evidence evidence, DateOnly? first, Grain grain)
    {
        DateOnly At(int index) => grain.Add(first.GetValueOrDefault(), index);
        var gate = evidence.Gate;
        return new(
            Known(evidence.MannKendall?.P), Known(evidence.PreWhitened?.P), Known(evidence.MannKendall?.Z), evidence.LagOne,
            evidence.Line?.Slope, evidence.Line?.Intercept, evidence.Line?.SlopeInterval?.Low, evidence.Line?.SlopeInterval?.High,
            evidence.Weights is { } weights ? new(Known(weights.Flat), Known(weights.Linear), Known(weights.Step)) : null,
            evidence.Weights?.BestStep is { } step
                ? new(step.Break, evidence.LastBefore, step.Before, step.After, Known(step.T), evidence.Pettitt?.P, evidence.SinceStep switch { Trend.Rising => "rising", Trend.Falling => "falling", Trend.None => "flat" })
                : null,
            gate.Points, gate.Denominator, evidence.Periods, gate.Coverage, gate.PointsMissing, gate.DenominatorMissing, gate.PeriodsToWait, gate.OpensOn,
            [.. evidence.Rules.Select(one => new RuleTold(one.Rule, At(one.Index)))], [.. evidence.Outliers.Select(At)],
            evidence.Limits is { } limits ? new(limits.Mean, limits.Low, limits.High) : null,
            evidence.Overdispersion is { } spread ? new(spread.Statistic, spread.Freedom, spread.P, spread.Ratio) : null,
            evidence.Season, evidence.YearOnYear, evidence.Growth, evidence.IsLog, evidence.TargetNow, evidence.ClaimP, evidence.EngineVersion);
    }

    static double? Known(double? value) => value is { } number ? Told.Number(number) : null;
}
