using System.Collections.Frozen;
using PenguinMails.Core;

namespace PenguinMails.Compliance.Jurisdictions;

/// <summary>How well a rule is known.</summary>
public enum RuleStanding
{
    /// <summary>From the statute or the regulator.</summary>
    Statute,

    /// <summary>From a compilation of many countries.</summary>
    Compilation,

    /// <summary>Not confirmed: prior consent is asked for until somebody does.</summary>
    Unconfirmed,
}

/// <summary>What a country's law asks of business mail that nobody ordered: a line of <c>jurisdictions.json</c>. No legal advice.</summary>
/// <param name="Country">ISO 3166-1 alpha-2, of the recipient.</param>
/// <param name="Individual">Bases that suffice for a private person or sole trader.</param>
/// <param name="Employee">For a named person at a company.</param>
/// <param name="Company">For a company's own address.</param>
/// <param name="Months">How long a basis holds from its day on, where the law ends it.</param>
public sealed record Jurisdiction(
    string Country, string Law, string Article, IReadOnlyList<LawfulBasis> Individual, IReadOnlyList<LawfulBasis> Employee, IReadOnlyList<LawfulBasis> Company,
    IReadOnlyDictionary<string, int> Months, RuleStanding Standing, string Source, DateOnly AsOf)
{
    public static readonly IReadOnlyList<Jurisdiction> All = EmbeddedJson.Read<Jurisdiction[]>("jurisdictions.json");

    static readonly FrozenDictionary<string, Jurisdiction> ByCountry = All.ToFrozenDictionary(one => one.Country);

    /// <summary>Where no rule is known that asks for less: prior consent of everybody.</summary>
    internal static readonly Jurisdiction Strictest = new("", "the strictest rule", "prior consent", [LawfulBasis.Express], [LawfulBasis.Express], [LawfulBasis.Express],
        new Dictionary<string, int>(), RuleStanding.Unconfirmed, "", default);

    /// <summary>Null: no rule is kept for the country.</summary>
    public static Jurisdiction? Of(string country) => ByCountry.GetValueOrDefault(country);

    /// <summary>Bases that suffice.</summary>
    public IReadOnlyList<LawfulBasis> For(RecipientKind kind) => kind switch
    {
        RecipientKind.Individual => Individual,
        RecipientKind.Employee => Employee,
        RecipientKind.Company => Company,
    };

    /// <summary>What is asked for, in words.</summary>
    public static string Demand(IReadOnlyList<LawfulBasis> bases) => true switch
    {
        _ when bases.Contains(LawfulBasis.None) => "no consent, but a way out",
        _ when bases.Contains(LawfulBasis.LegitimateInterest) => "a lawful basis on record",
        _ when bases.Contains(LawfulBasis.Inquiry) => "express or implied consent",
        _ when bases.Contains(LawfulBasis.PublishedAddress) => "prior consent, or an address published for such mail",
        _ when bases.Contains(LawfulBasis.ExistingCustomer) => "prior consent, or an existing customer",
        _ => "prior consent",
    };
}
