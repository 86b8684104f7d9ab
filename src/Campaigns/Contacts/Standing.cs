using System.Globalization;
using Npgsql;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>Where a recipient is, and what gives the right to write to them.</summary>
/// <param name="Country">ISO 3166-1 alpha-2; empty when unknown.</param>
/// <param name="IsCountryPresumed">Taken from the end of the address, because nobody named one.</param>
/// <param name="Zone">IANA name; empty when unknown.</param>
/// <param name="Kind">Null: it follows from the address.</param>
/// <param name="Evidence">What proves the basis: form, page, date, words. At most 1,000 characters.</param>
/// <param name="ObtainedOn">Day of the consent, purchase, inquiry or publication.</param>
/// <param name="ExpiresOn">Last day it holds, where it has an end of its own.</param>
/// <param name="WithdrawnAt">When the person took it back.</param>
public sealed record Standing(
    string Country, bool IsCountryPresumed, string Zone, RecipientKind? Kind, LawfulBasis Basis, string Evidence, DateOnly? ObtainedOn, DateOnly? ExpiresOn, DateTimeOffset? WithdrawnAt)
{
    /// <param name="at">Place of <c>country</c>; the others follow in the order of this record.</param>
    internal static Standing Read(NpgsqlDataReader row, int at) => new(row.GetString(at), row.GetBoolean(at + 1), row.GetString(at + 2), BasisWords.FindKind(row.GetString(at + 3)),
        BasisWords.Basis(row.GetString(at + 4)), row.GetString(at + 5), row.Maybe<DateOnly>(at + 6), row.Maybe<DateOnly>(at + 7), row.Maybe<DateTimeOffset>(at + 8));

    internal string KindWord => Kind is { } kind ? BasisWords.Word(kind) : "";
}

/// <summary>The same as people and files give it: words, each of which may be empty.</summary>
/// <param name="Country">A code such as DE, or an English name; empty takes what the end of the address tells.</param>
/// <param name="Zone">IANA name; empty takes the country's, where all of it keeps the same time.</param>
/// <param name="Kind">individual, employee or company; empty takes what the address tells.</param>
/// <param name="Basis">none, legitimate_interest, published_address, disclosed_address, inquiry, existing_customer or express; empty is none.</param>
/// <param name="ObtainedOn">yyyy-MM-dd, from 1970 to 2199.</param>
/// <param name="ExpiresOn">yyyy-MM-dd.</param>
public sealed record StandingInput(string Country = "", string Zone = "", string Kind = "", string Basis = "", string Evidence = "", string ObtainedOn = "", string ExpiresOn = "")
{
    public const int EvidenceLengthMax = 1000;

    /// <summary>Field and words of what cannot be read; null when all can.</summary>
    /// <param name="address">Normal form.</param>
    public FieldProblem? Read(string address, out Standing standing)
    {
        var given = Compliance.Jurisdictions.Country.Find(Country);
        var country = given ?? (Country.Trim().Length == 0 ? Compliance.Jurisdictions.Country.Presumed(address) : null);
        var (kind, basis) = (Kind.Trim().Length == 0 ? null : BasisWords.FindKind(Kind), Basis.Trim().Length == 0 ? LawfulBasis.None : BasisWords.FindBasis(Basis));
        var (obtained, expires) = (Day(ObtainedOn), Day(ExpiresOn));
        standing = new(country?.Code ?? "", given is null && country is not null, Zone.Trim().Length > 0 ? Zone.Trim() : country?.Zone ?? "", kind, basis ?? LawfulBasis.None, Evidence.Trim(), obtained, expires, null);
        return true switch
        {
            _ when Country.Trim().Length > 0 && given is null => new("country", "Not a country. Give a code such as DE, or an English name."),
            _ when standing.Zone.Length > 0 && !TimeZoneInfo.TryFindSystemTimeZoneById(standing.Zone, out _) => new("zone", "Not a time zone. Give a name such as Europe/Berlin."),
            _ when Kind.Trim().Length > 0 && kind is null => new("kind", "individual, employee or company."),
            _ when basis is null => new("basis", "none, legitimate_interest, published_address, disclosed_address, inquiry, existing_customer or express. Name implied consent by what it is implied from."),
            _ when Evidence.Length > EvidenceLengthMax || Evidence.Any(c => char.IsControl(c) && c != '\n' && c != '\r') => new("evidence", $"At most {EvidenceLengthMax} characters, no control characters."),
            _ when ObtainedOn.Trim().Length > 0 && obtained is null => new("obtained_on", "A day such as 2026-03-01."),
            _ when ExpiresOn.Trim().Length > 0 && expires is null => new("expires_on", "A day such as 2026-03-01."),
            _ => null,
        };
    }

    // A time behind the day is cut off: consent is recorded by the day. Years that no record can have are typing errors.
    static DateOnly? Day(string text) => text.Trim() is { Length: >= 10 } day && DateOnly.TryParseExact(day[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var found)
        && found.Year is >= 1970 and <= 2199 ? found : null;
}
