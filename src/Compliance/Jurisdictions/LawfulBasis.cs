using System.Text.Json;

namespace PenguinMails.Compliance.Jurisdictions;

/// <summary>What a sender may rely on when it writes to somebody: the weakest first. Implied consent is named by what it is implied from.</summary>
public enum LawfulBasis
{
    /// <summary>Nothing is recorded.</summary>
    None,

    /// <summary>GDPR Art. 6(1)(f), weighed and written down by the sender.</summary>
    LegitimateInterest,

    /// <summary>The address stands where everybody may read it, without a word against such mail (CASL s. 10(9)(b)).</summary>
    PublishedAddress,

    /// <summary>The person gave the address, on a card for example (CASL s. 10(9)(c)).</summary>
    DisclosedAddress,

    /// <summary>The person asked about an offer (CASL s. 10(10)(e)).</summary>
    Inquiry,

    /// <summary>The person bought, and the mail is about the like (Directive 2002/58/EC Art. 13(2), CASL s. 10(10)).</summary>
    ExistingCustomer,

    /// <summary>The person agreed beforehand.</summary>
    Express,
}

/// <summary>Whose address it is.</summary>
public enum RecipientKind
{
    /// <summary>A private person, or a sole trader or partnership, whom most laws treat alike.</summary>
    Individual,

    /// <summary>A named person at a company.</summary>
    Employee,

    /// <summary>A company's own address such as info@.</summary>
    Company,
}

/// <summary>The words of <see cref="LawfulBasis"/> and <see cref="RecipientKind"/> in columns, files and the API.</summary>
public static class BasisWords
{
    public static string Word(LawfulBasis basis) => JsonNamingPolicy.SnakeCaseLower.ConvertName(basis.ToString());

    public static string Word(RecipientKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    /// <exception cref="InvalidOperationException">A word that no column can hold.</exception>
    public static LawfulBasis Basis(string word) => FindBasis(word) ?? throw new InvalidOperationException($"Unknown basis {word}.");

    /// <exception cref="InvalidOperationException">A word that no column can hold.</exception>
    public static RecipientKind Kind(string word) => FindKind(word) ?? throw new InvalidOperationException($"Unknown kind of recipient {word}.");

    /// <summary>Also by what other products call it. Null: not a basis.</summary>
    public static LawfulBasis? FindBasis(string word) => Plain(word) switch
    {
        "none" => LawfulBasis.None,
        "legitimate_interest" or "legitimate_interests" or "li" => LawfulBasis.LegitimateInterest,
        "published_address" or "published" or "conspicuous_publication" or "publication" => LawfulBasis.PublishedAddress,
        "disclosed_address" or "disclosed" or "business_card" => LawfulBasis.DisclosedAddress,
        "inquiry" or "enquiry" => LawfulBasis.Inquiry,
        "existing_customer" or "customer" or "soft_opt_in" or "ebr" or "existing_business_relationship" => LawfulBasis.ExistingCustomer,
        "express" or "consent" or "opt_in" or "double_opt_in" or "express_consent" => LawfulBasis.Express,
        _ => null,
    };

    /// <summary>Null: not a kind of recipient.</summary>
    public static RecipientKind? FindKind(string word) => Plain(word) switch
    {
        "individual" or "person" or "private" or "sole_trader" => RecipientKind.Individual,
        "employee" => RecipientKind.Employee,
        "company" or "corporate" or "business" => RecipientKind.Company,
        _ => null,
    };

    static string Plain(string word) => word.Trim().ToLowerInvariant().Replace(' ', '_').Replace('-', '_');
}
