using System.Globalization;

namespace PenguinMails.Mail.Reports;

/// <summary>The part that makes a report of what the elements said.</summary>
public sealed partial class DmarcReader
{
    DmarcReport Made() => new()
    {
        Version = Value(_whole, "version"),
        OrgName = Value(_whole, "org_name"),
        Email = Value(_whole, "email"),
        ExtraContactInfo = Value(_whole, "extra_contact_info"),
        ReportId = Value(_whole, "report_id"),
        Begin = Moment("begin"),
        End = Moment("end"),
        Generator = Value(_whole, "generator"),
        Domain = Word(_whole, "domain"),
        Adkim = Word(_whole, "adkim"),
        Aspf = Word(_whole, "aspf"),
        P = Word(_whole, "p"),
        Sp = Word(_whole, "sp"),
        Np = Word(_whole, "np"),
        Pct = (int?)Number(_whole, "pct"),
        Fo = Word(_whole, "fo"),
        Testing = Word(_whole, "testing"),
        DiscoveryMethod = Word(_whole, "discovery_method"),
        Errors = _errors,
        Records = _records,
    };

    /// <summary>Seconds since 1970; some write thousandths, or a date in words of ISO 8601.</summary>
    long? Moment(string name)
    {
        if (Value(_whole, name) is not { } text) return null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number is >= 0 and < 100_000_000_000_000 ? (long)(number > 100_000_000_000 ? number / 1000 : number) : null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day.ToUnixTimeSeconds() : null;
    }

    static string? Value(Dictionary<string, string> from, string name) => from.GetValueOrDefault(name);

    static string? Word(Dictionary<string, string> from, string name) => from.GetValueOrDefault(name)?.ToLowerInvariant();

    static long? Number(Dictionary<string, string> from, string name) =>
        decimal.TryParse(from.GetValueOrDefault(name), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < int.MaxValue ? (long)number : null;
}
