using System.Globalization;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Roadmap;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>States of registers in words, and days of forms.</summary>
static class RegisterWords
{
    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Month(DateOnly month) => month.ToString("MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>"in 12 days", "today", "3 days ago".</summary>
    public static string Left(int days) => days == 0 ? "today" : days > 0 ? $"in {Words.Count(days, "day")}" : $"{Words.Count(-days, "day")} ago";

    /// <summary>"12,400.00"; the currency stands in the heading.</summary>
    public static string Amount(decimal amount) => amount.ToString("#,0.00", CultureInfo.InvariantCulture);

    /// <summary>The same from minor units, with as many decimals as the currency has.</summary>
    public static string Amount(long units, string? currency) => (units / MinorUnits.Scale(currency ?? "")).ToString(MinorUnits.Digits(currency ?? "") == 0 ? "#,0" : "#,0.00", CultureInfo.InvariantCulture);

    public static string Signed(decimal amount) => amount.ToString("+#,0.00;-#,0.00;0.00", CultureInfo.InvariantCulture);

    public static (string Word, Tone Tone) Of(BoardLine line) => (line.Standing.Status, line.DaysLeft) switch
    {
        ("done", _) => ("done", Tone.Good),
        ("dropped", _) => ("dropped", Tone.Held),
        (_, < 0) => ("past its end", Tone.Bad),
        ("in_progress", _) => ("in progress", Tone.Running),
        (var status, _) => (Words.Plain(status), Tone.Quiet),
    };

    public static (string Word, Tone Tone) OfCriterion(string state) => state switch
    {
        "passed" => ("pass", Tone.Good),
        "failed" => ("fail", Tone.Bad),
        _ => ("unknown", Tone.Warn),
    };

    public static (string Word, Tone Tone) OfDecision(string state) => state switch
    {
        "as_expected" => ("as expected", Tone.Good),
        "less_than_expected" => ("less than expected", Tone.Warn),
        "other_direction" => ("the other way", Tone.Bad),
        "no_effect_seen" => ("no effect seen", Tone.Warn),
        "not_enough_data" => ("not enough data", Tone.Quiet),
        "waiting" => ("not due yet", Tone.Quiet),
        "no_review_date" => ("no review date", Tone.Warn),
        "not_measured_here" => ("not measured here", Tone.Quiet),
        _ => ("no effect named", Tone.Quiet),
    };

    public static (string Word, Tone Tone) OfStance(string? stance) => stance switch
    {
        "accept" => ("accept", Tone.Good),
        "migrate" => ("migrate", Tone.Running),
        "watch" => ("watch", Tone.Warn),
        _ => ("not decided", Tone.Quiet),
    };

    public static string Kind(string kind) => kind switch
    {
        "figure" => "figure worsens",
        "target" => "target missed",
        "person" => "opened by a person",
        _ => kind,
    };

    /// <summary>A day of a form; null when it is empty, and when it is none, which the second value tells.</summary>
    public static (DateOnly? Day, bool IsBroken) Day(this IFormCollection form, string name)
    {
        if (form.Optional(name) is not { } text) return (null, false);
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? (day, false) : (null, true);
    }

    /// <summary>A share typed in percent, as 0 to 1; outside for what is no number, so that the slice refuses it.</summary>
    public static double? Percent(this IFormCollection form, string name) =>
        form.Optional(name) is not { } text ? null : double.TryParse(text.TrimEnd('%', ' '), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number / 100 : -1;
}
