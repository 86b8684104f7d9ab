using System.Globalization;

namespace PenguinMails.Compliance.Jurisdictions;

/// <summary>What is on record about a recipient, as far as it decides whether they may be written to.</summary>
/// <param name="Country">ISO 3166-1 alpha-2; empty when unknown.</param>
/// <param name="ObtainedOn">Day of the consent, purchase, inquiry or publication; null when not recorded.</param>
/// <param name="ExpiresOn">Last day it holds; null when it has no end of its own.</param>
/// <param name="HasEvidence">Whether the record says what proves it.</param>
/// <param name="HasSource">Whether the record says where the address came from.</param>
/// <param name="IsWithdrawn">The person took it back.</param>
public sealed record ConsentRecord(
    string Country, RecipientKind Kind, LawfulBasis Basis, DateOnly? ObtainedOn = null, DateOnly? ExpiresOn = null, bool HasEvidence = false, bool HasSource = true, bool IsWithdrawn = false)
{
    /// <summary>Nothing is known.</summary>
    public static readonly ConsentRecord Unknown = new("", RecipientKind.Employee, LawfulBasis.None);
}

/// <summary>Why a recipient must not be written to, now or ever.</summary>
/// <param name="Code">Stable, such as <c>consent_missing_ca</c>.</param>
/// <param name="Sentence">Names law, article and what to do.</param>
/// <param name="IsFinal">It can be given no more.</param>
public sealed record ConsentFault(string Code, string Sentence, bool IsFinal = false);

/// <summary>Whether the law of the recipient's country, as it is kept here, lets a message go. Pure.</summary>
public static class ConsentRule
{
    /// <returns>Null: nothing speaks against it.</returns>
    public static ConsentFault? Judge(ConsentRecord record, ConsentPolicy policy, DateOnly today)
    {
        if (record.IsWithdrawn) return new("consent_withdrawn", "The recipient withdrew consent. It is not sent.", IsFinal: true);
        if (Jurisdiction.Of(record.Country) is { } known) return Under(known, record, Country.Find(record.Country)?.Name ?? record.Country, Word(record.Country), today);
        var where = record.Country.Length == 0 ? "The recipient's country is not known" : $"No rule is kept for {Country.Find(record.Country)?.Name ?? record.Country}";
        return policy.Unknown switch
        {
            UnknownCountry.Source => record.HasSource ? null : new("country_unknown", $"{where}, and nothing says where the address came from. Record the source or the country with the contact."),
            UnknownCountry.Own => Jurisdiction.Of(policy.OwnCountry) is { } own
                ? Under(own, record, $"{where}, so this account asks what {Country.Find(policy.OwnCountry)?.Name} asks for. It", Word(policy.OwnCountry), today) : Hold(where),
            UnknownCountry.Strictest => Under(Jurisdiction.Strictest, record, $"{where}, so this account asks for the most: the law", "unknown", today),
            UnknownCountry.Hold => Hold(where),
        };
    }

    /// <summary>Every code that a wait for consent can have.</summary>
    public static IReadOnlyList<string> Codes { get; } =
    [
        "country_unknown", .. Jurisdiction.All.Select(one => Word(one.Country)).Append("unknown").SelectMany(word => new[] { $"consent_missing_{word}", $"consent_unproven_{word}", $"consent_expired_{word}" }),
    ];

    static ConsentFault Hold(string where) => new("country_unknown", $"{where}, and this account holds such mail. Record the country with the contact.");

    static ConsentFault? Under(Jurisdiction law, ConsentRecord record, string who, string word, DateOnly today)
    {
        var bases = law.For(record.Kind);
        var rule = law.Country.Length > 0 ? $"{who} ({law.Law}, {law.Article})" : who;
        if (bases.Contains(LawfulBasis.None)) return null;
        if (!bases.Contains(record.Basis))
            return new($"consent_missing_{word}", $"{rule} asks for {Jurisdiction.Demand(bases)}; {(record.Basis == LawfulBasis.None ? "nothing is recorded" : $"{Plain(record.Basis)} does not suffice")}. Record it with the contact, if it was given.");
        if (record.Basis == LawfulBasis.LegitimateInterest)
            return record.HasSource ? null : new($"consent_unproven_{word}", $"{rule} and GDPR Art. 14 ask for the source of the address, and none is recorded. Record it with the contact.");
        if (!record.HasEvidence) return new($"consent_unproven_{word}", $"{rule} leaves the proof to the sender, and nothing is recorded that proves {Plain(record.Basis)}. Record what does with the contact.");
        return Ended(law, record, rule, word, today);
    }

    static ConsentFault? Ended(Jurisdiction law, ConsentRecord record, string rule, string word, DateOnly today)
    {
        if (record.ExpiresOn is { } end && end < today) return new($"consent_expired_{word}", $"What was recorded held until {Day(end)}, and {rule} asks for more. Record it anew with the contact, if it was given again.");
        if (!law.Months.TryGetValue(BasisWords.Word(record.Basis), out var months)) return null;
        if (record.ObtainedOn is not { } since) return new($"consent_unproven_{word}", $"{rule} lets {Plain(record.Basis)} count for {months} months, and its day is not recorded. Record the day with the contact.");
        var until = since.AddMonths(months);
        return until < today ? new($"consent_expired_{word}", $"{rule} lets {Plain(record.Basis)} count for {months} months, which ended on {Day(until)}. Record it anew with the contact, if it was given again.") : null;
    }

    static string Day(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);

    static string Word(string country) => country.ToLowerInvariant();

    static string Plain(LawfulBasis basis) => basis switch
    {
        LawfulBasis.None => "nothing",
        LawfulBasis.LegitimateInterest => "a legitimate interest",
        LawfulBasis.PublishedAddress => "a published address",
        LawfulBasis.DisclosedAddress => "an address that the person gave",
        LawfulBasis.Inquiry => "an inquiry",
        LawfulBasis.ExistingCustomer => "the relation to a customer",
        LawfulBasis.Express => "express consent",
    };
}
