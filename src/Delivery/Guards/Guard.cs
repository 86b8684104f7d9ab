using System.Globalization;
using PenguinMails.Insight;
using PenguinMails.Insight.Intervals;

namespace PenguinMails.Delivery.Guards;

/// <summary>How far a guard goes. In order.</summary>
public enum GuardLevel
{
    Clear,

    /// <summary>People are told; nothing else changes.</summary>
    Warn,

    /// <summary>Half as much is sent, so that the rate is found out at half the price.</summary>
    Slow,

    /// <summary>Nothing is sent until a person resumes.</summary>
    Pause,
}

/// <summary>A guard as it is kept between two looks.</summary>
/// <param name="CountFrom">Only messages from here on count, whatever the window; null for all of the window. A person's resumption sets it.</param>
public sealed record GuardState(GuardLevel Level, DateTimeOffset? CountFrom)
{
    public static readonly GuardState Clear = new(GuardLevel.Clear, null);
}

/// <summary>Messages of the window, from <see cref="Guard.CountedFrom"/> on.</summary>
/// <param name="Sent">Messages a server accepted or refused; deferred ones are not known yet and do not count.</param>
/// <param name="Hits">Those of the measure, 0 to <paramref name="Sent"/>.</param>
public sealed record GuardTally(long Sent, long Hits);

/// <summary>What a guard found, with everything it rests on.</summary>
/// <param name="Rate">Hits of sent; 0 when nothing was sent.</param>
/// <param name="Low">Lower bound of the true rate: it is above this with 90 % confidence.</param>
/// <param name="Threshold">The one that decided: the highest reached, else that of the warning.</param>
/// <param name="Code">Public reason code: measure and what happened, such as <c>bounce.pause</c>.</param>
public sealed record GuardVerdict(GuardState Next, GuardMeasure Measure, long Hits, long Sent, double Rate, double Low, double High, double Threshold, string Code, string Sentence)
{
    public GuardLevel Level => Next.Level;
}

/// <summary>Warns, slows and pauses by the rates of <see cref="GuardRule"/>.</summary>
/// <remarks>A warning goes by the rate itself: it costs nothing to be told early. Slowing and pausing go by the lower Wilson bound, so that one bad address among the first few pauses nobody;
/// the bound closes in on the rate as messages come. A level falls when the rate is a fifth below what raised it, so that it does not flutter. A pause never falls by itself.</remarks>
public static class Guard
{
    /// <summary>Chance that the true rate lies outside both bounds.</summary>
    public const double Alpha = 0.2;

    /// <summary>A level is left when the rate is below this share of its threshold.</summary>
    public const double Release = 0.8;

    /// <summary>Share of the usual volume while slowed.</summary>
    public const double SlowedShare = 0.5;

    /// <summary>From when on messages count.</summary>
    public static DateTimeOffset CountedFrom(GuardRule rule, GuardState state, DateTimeOffset now)
    {
        var window = now.AddDays(-rule.Days);
        return state.CountFrom > window ? state.CountFrom.Value : window;
    }

    /// <summary>Judges the messages of the window.</summary>
    /// <param name="name">The subject in words, such as <c>mailbox anna@firm.example</c>; ends up in the sentence.</param>
    public static GuardVerdict Judge(GuardRule rule, GuardState state, GuardTally tally, string name)
    {
        if (state.Level == GuardLevel.Pause) return Verdict(rule, state, tally, name, "held");
        if (tally.Sent < rule.VolumeMin) return Verdict(rule, state, tally, name, "too_few");
        var level = Level(rule, state.Level, tally);
        var word = level.CompareTo(state.Level) switch
        {
            > 0 => Word(level),
            < 0 => "eased",
            _ => level == GuardLevel.Clear ? "clear" : "stays",
        };
        return Verdict(rule, state with { Level = level }, tally, name, word);
    }

    /// <summary>A person lets it go on, with a reason that is kept elsewhere. It begins slowed, and only what is sent from now on is judged.</summary>
    public static GuardState Resume(GuardState state, DateTimeOffset now) => state.Level == GuardLevel.Pause ? new(GuardLevel.Slow, now) : state;

    static GuardLevel Level(GuardRule rule, GuardLevel now, GuardTally tally)
    {
        var (rate, low) = ((double)tally.Hits / tally.Sent, WilsonScore.Of(tally.Hits, tally.Sent, Alpha).Low);
        if (low >= rule.Pause) return GuardLevel.Pause;
        if (low >= rule.Slow || (now == GuardLevel.Slow && rate >= Release * rule.Slow)) return GuardLevel.Slow;
        return rate >= rule.Warn || (now >= GuardLevel.Warn && rate >= Release * rule.Warn) ? GuardLevel.Warn : GuardLevel.Clear;
    }

    static GuardVerdict Verdict(GuardRule rule, GuardState next, GuardTally tally, string name, string word)
    {
        var bounds = tally.Sent > 0 ? WilsonScore.Of(tally.Hits, tally.Sent, Alpha) : new Interval(0, 1);
        var rate = tally.Sent > 0 ? (double)tally.Hits / tally.Sent : 0;
        var threshold = next.Level switch
        {
            GuardLevel.Pause => rule.Pause,
            GuardLevel.Slow => rule.Slow,
            GuardLevel.Warn or GuardLevel.Clear => rule.Warn,
        };
        var counted = string.Create(CultureInfo.InvariantCulture,
            $"{Capital(name)}: {tally.Hits} {Words(rule.Measure)} of {tally.Sent} messages in {rule.Days} days ({Percent(rate)}, at least {Percent(bounds.Low)} with 90 % confidence).");
        return new(next, rule.Measure, tally.Hits, tally.Sent, rate, bounds.Low, bounds.High, threshold, $"{Word(rule.Measure)}.{word}", $"{counted} {Consequence(rule, threshold, word)}");
    }

    static string Consequence(GuardRule rule, double threshold, string word) => word switch
    {
        "pause" => $"Sending is paused, because that is {Percent(threshold)} or more. {Cause(rule.Measure)} Then resume it, with a reason.",
        "slow" => $"Half as much is sent, because that is {Percent(threshold)} or more. {Cause(rule.Measure)}",
        "warn" => $"That is {Percent(threshold)} or more. {Cause(rule.Measure)}",
        "held" => "Sending stays paused until a person resumes it.",
        "too_few" => string.Create(CultureInfo.InvariantCulture, $"Nothing is judged below {rule.VolumeMin} messages."),
        "eased" => "The rate has fallen, so the guard goes a step back.",
        "stays" => $"It stays as it is until the rate is below {Percent(Release * threshold)}.",
        _ => $"All is well below {Percent(threshold)}.",
    };

    static string Cause(GuardMeasure measure) => measure switch
    {
        GuardMeasure.Bounce => "Addresses on the list do not exist: check where they come from and verify them.",
        GuardMeasure.Complaint => "Recipients report the mail as spam: look at whom it goes to and how it reads. Google gives no help until seven days in a row lie below 0.3 %.",
        GuardMeasure.Block => "Servers refuse the sender: look at the refusals, the domain's records and the blocklists.",
    };

    static string Words(GuardMeasure measure) => measure switch
    {
        GuardMeasure.Bounce => "bounces that the list is to blame for",
        GuardMeasure.Complaint => "complaints",
        GuardMeasure.Block => "refusals of the sender",
    };

    static string Word(Enum value) => value.ToString().ToLowerInvariant();

    static string Capital(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];

    static string Percent(double rate) => (100 * rate).ToString(rate < 0.01 ? "0.##" : "0.#", CultureInfo.InvariantCulture) + " %";
}
