using PenguinMails.Mail.Addresses;

namespace PenguinMails.Delivery.Tracking;

/// <summary>Whose messages carry tracked links and the pixel, where a campaign asks for them.</summary>
public enum TrackingReach
{
    /// <summary>Recipients known to be outside the European Economic Area. Whoever may be inside gets plain links.</summary>
    OutsideEea,

    /// <summary>Everybody: the sender says that the recipients agreed.</summary>
    Everywhere,
}

/// <summary>The words of <see cref="TrackingReach"/>, and whom it reaches.</summary>
/// <remarks>Storing or reading something on a recipient's device needs consent there (Directive 2002/58/EC, article 5 (3); EDPB guidelines 2/2023; CNIL, 12 March 2026), so it is off unless told otherwise.</remarks>
public static class TrackingReaches
{
    // The Union's 27, and Iceland, Liechtenstein and Norway; ISO 3166-1 alpha-2. Greece's domains end in gr as its code does, and eu is no country.
    static readonly HashSet<string> Eea =
    [
        "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO",
    ];

    // Sold to everybody everywhere, whatever country they stand for.
    static readonly HashSet<string> Placeless = ["EU", "IO", "AI", "CO", "ME", "TV", "FM", "AM", "CC", "WS", "TO", "LY", "GG", "SH", "AC", "VC", "GL"];

    /// <summary>Whether this recipient's message may carry tracking.</summary>
    /// <param name="country">ISO 3166-1 alpha-2 in upper case; null or empty when it is not known: then a country's ending of the address's domain speaks, and any other ending counts as inside.</param>
    public static bool Allows(this TrackingReach reach, string? country, EmailAddress recipient) =>
        reach == TrackingReach.Everywhere || (Country(country, recipient) is { } known && !Eea.Contains(known));

    static string? Country(string? country, EmailAddress recipient)
    {
        if (country is { Length: 2 }) return country.ToUpperInvariant();
        var ending = recipient.Domain.Ascii[(recipient.Domain.Ascii.LastIndexOf('.') + 1)..].ToUpperInvariant();
        return ending.Length == 2 && !Placeless.Contains(ending) ? ending : null; // Endings of two letters are countries (RFC 1591 2).
    }

    public static string Word(this TrackingReach reach) => reach switch { TrackingReach.OutsideEea => "outside_eea", TrackingReach.Everywhere => "everywhere" };

    public static TrackingReach Parse(string word) => word switch
    {
        "outside_eea" => TrackingReach.OutsideEea,
        "everywhere" => TrackingReach.Everywhere,
        _ => throw new InvalidOperationException($"Unknown reach of tracking {word}."),
    };
}
