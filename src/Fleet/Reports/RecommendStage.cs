using System.Globalization;

namespace PenguinMails.Fleet.Reports;

/// <summary>What reports of some weeks say about a domain's mail.</summary>
/// <param name="Stage">none, quarantine or reject: what receivers found published last.</param>
/// <param name="Days">Days with at least one report.</param>
/// <param name="DaysAtStage">Of these, days whose reports show quarantine or reject published.</param>
/// <param name="Yours">Messages of sources that are yours.</param>
/// <param name="YoursSigned">Of these, with DKIM that passed and agrees.</param>
/// <param name="ForwardedFailed">Messages that were passed on and failed.</param>
/// <param name="StrangerSources">Addresses.</param>
public sealed record StageEvidence(string Stage, int Days, int DaysAtStage, long Yours, long YoursPassed, long YoursSigned, long ForwardedFailed, int StrangerSources, long StrangerMessages);

/// <summary>One condition of the next stage.</summary>
/// <param name="Found">The figure with its bound, in words.</param>
public sealed record StageCondition(string Name, bool IsMet, string Found);

/// <param name="Next">none, quarantine or reject; the stage of now means stay.</param>
/// <param name="Sentence">What to do and why.</param>
/// <param name="Conditions">Of the next stage; empty at reject.</param>
public sealed record StageAdvice(string Stage, string Next, string Sentence, IReadOnlyList<StageCondition> Conditions)
{
    public bool IsMove => Next != Stage;
}

/// <summary>Whether a domain's DMARC policy may become stricter. Pure.</summary>
/// <remarks>To quarantine: 14 days of reports, 100 messages of yours, 98% of them passing. To reject: also 14 days at quarantine, 99% passing, 98% signed by DKIM (RFC 9989 asks
/// those who publish reject not to rest on SPF alone), and forwarded mail that fails below 1% of yours. Strangers hold nothing up: to stop them is what the policy is for. The numbers are
/// this product's own; no standard names any.</remarks>
public static class RecommendStage
{
    /// <summary>Days of reports before a move, and days at quarantine before reject.</summary>
    public const int DaysMin = 14;

    /// <summary>Messages of yours below which a share says little.</summary>
    public const long MessagesMin = 100;

    const double QuarantineShare = 0.98, RejectShare = 0.99, SignedShare = 0.98, ForwardedShareMax = 0.01;

    public static StageAdvice Judge(StageEvidence seen) => seen.Stage switch
    {
        "reject" => new("reject", "reject", Strict(seen), []),
        "quarantine" => Advise(seen, "reject", [.. Common(seen, RejectShare),
            new($"{DaysMin} days at quarantine", seen.DaysAtStage >= DaysMin, $"{seen.DaysAtStage} of {DaysMin} days"),
            Share("Yours signed by DKIM", seen.YoursSigned, seen.Yours, SignedShare),
            new("Little forwarded mail fails", seen.ForwardedFailed <= seen.Yours * ForwardedShareMax, $"{Count(seen.ForwardedFailed)} forwarded messages failed, 1% of yours is {Count((long)(seen.Yours * ForwardedShareMax))}")]),
        _ => Advise(seen, "quarantine", Common(seen, QuarantineShare)),
    };

    static List<StageCondition> Common(StageEvidence seen, double share) =>
    [
        new($"{DaysMin} days of reports", seen.Days >= DaysMin, $"{seen.Days} of {DaysMin} days"),
        new($"{MessagesMin} messages of yours", seen.Yours >= MessagesMin, $"{Count(seen.Yours)} of {MessagesMin}"),
        Share("Yours pass DMARC", seen.YoursPassed, seen.Yours, share),
    ];

    static StageCondition Share(string name, long part, long whole, double least) =>
        new(name, whole > 0 && part >= whole * least, whole == 0 ? "none seen" : $"{Percent(part, whole)} of {Percent((long)(least * 100), 100)} needed");

    static StageAdvice Advise(StageEvidence seen, string next, IReadOnlyList<StageCondition> conditions)
    {
        var open = conditions.Where(condition => !condition.IsMet).ToList();
        if (open.Count == 0) return new(seen.Stage, next, $"You can move to {next}{Strangers(seen, next)}.", conditions);
        var why = string.Join("; ", open.Select(condition => $"{Lower(condition.Name)} ({condition.Found})"));
        var first = seen.Stage == "quarantine" && Fails(seen) ? $"{Count(seen.Yours - seen.YoursPassed)} messages of yours fail and are filed as spam: repair that first, or go back to none meanwhile. " : "";
        return new(seen.Stage, seen.Stage, $"{first}Stay at {seen.Stage}. What is missing for {next}: {why}.", conditions);
    }

    static bool Fails(StageEvidence seen) => seen.Yours >= MessagesMin && seen.YoursPassed < seen.Yours * QuarantineShare;

    static string Strict(StageEvidence seen) => Fails(seen)
        ? $"{Count(seen.Yours - seen.YoursPassed)} messages of yours fail and are refused: repair that first, or go back to quarantine meanwhile."
        : "The policy is as strict as it can be.";

    static string Strangers(StageEvidence seen, string next) => seen.StrangerMessages == 0 ? ""
        : $": {(next == "reject" ? "what strangers send will be refused" : "what strangers send will be filed as spam")}. Make sure first that {(seen.StrangerSources == 1 ? "the one stranger is not" : $"none of the {seen.StrangerSources} is")} a service of yours";

    static string Lower(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>One decimal, never rounded up to a hundred that is not reached.</summary>
    internal static string Percent(long part, long whole)
    {
        var share = whole == 0 ? 0 : Math.Floor(1000.0 * part / whole) / 10;
        return share.ToString("0.#", CultureInfo.InvariantCulture) + "%";
    }
}
