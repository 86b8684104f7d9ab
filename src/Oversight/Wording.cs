using System.Globalization;
using PenguinMails.Core;

namespace PenguinMails.Oversight;

/// <summary>What people may write into a register.</summary>
static class Wording
{
    /// <summary>Characters of a sentence.</summary>
    public const int SentenceMax = 1_000;

    /// <summary>Characters of a name.</summary>
    public const int NameMax = 200;

    /// <summary>Null when a text can be kept: long enough, not too long, and without characters nobody types.</summary>
    public static FieldProblem? Check(string field, string text, int max, bool required = true)
    {
        if (required && string.IsNullOrWhiteSpace(text)) return new(field, "Say it in a sentence.");
        if (text.Length > max) return new(field, $"At most {max:N0} characters.");
        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? new(field, "There is a control character in it. Take it out.") : null;
    }

    /// <summary>Null when a day is neither in the future nor before the records of anybody begin.</summary>
    public static FieldProblem? Check(string field, DateOnly? day, DateOnly today) =>
        day is { } known && (known > today || known.Year < 2000) ? new(field, $"{known:yyyy-MM-dd} must lie between 2000-01-01 and today.") : null;

    /// <summary>"5 Nov 2026".</summary>
    public static string Text(this DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static DateOnly Today(this TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
}
