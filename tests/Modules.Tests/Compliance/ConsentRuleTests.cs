using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Compliance;

/// <summary>What the rules that are kept say of a recipient, country by country.</summary>
public sealed class ConsentRuleTests(TestDatabase database)
{
    static readonly DateOnly Today = new(2026, 3, 2);
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static ConsentRecord Record(string country, string kind, string basis, string? since = null, string? until = null, bool proof = true, bool source = true) => new(
        country, BasisWords.Kind(kind), BasisWords.Basis(basis), since is null ? null : DateOnly.Parse(since), until is null ? null : DateOnly.Parse(until), proof, source);

    [Theory]
    [InlineData("US", "employee", "none", "")]
    [InlineData("US", "individual", "none", "")]
    [InlineData("DE", "employee", "none", "consent_missing_de")]
    [InlineData("DE", "employee", "legitimate_interest", "consent_missing_de")]
    [InlineData("DE", "company", "published_address", "consent_missing_de")]
    [InlineData("DE", "employee", "express", "")]
    [InlineData("DE", "employee", "existing_customer", "")]
    [InlineData("AT", "employee", "legitimate_interest", "consent_missing_at")]
    [InlineData("AT", "company", "legitimate_interest", "")]
    [InlineData("IT", "company", "legitimate_interest", "consent_missing_it")]
    [InlineData("ES", "company", "legitimate_interest", "consent_missing_es")]
    [InlineData("PL", "employee", "none", "consent_missing_pl")]
    [InlineData("PT", "company", "legitimate_interest", "")]
    [InlineData("PT", "employee", "legitimate_interest", "consent_missing_pt")]
    [InlineData("EE", "company", "published_address", "")]
    [InlineData("EE", "individual", "legitimate_interest", "consent_missing_ee")]
    [InlineData("SE", "company", "none", "consent_missing_se")]
    [InlineData("NL", "employee", "published_address", "")]
    [InlineData("NL", "individual", "published_address", "consent_missing_nl")]
    [InlineData("NL", "employee", "legitimate_interest", "consent_missing_nl")]
    [InlineData("FR", "employee", "legitimate_interest", "")]
    [InlineData("FR", "employee", "none", "consent_missing_fr")]
    [InlineData("FR", "individual", "legitimate_interest", "consent_missing_fr")]
    [InlineData("GB", "employee", "legitimate_interest", "")]
    [InlineData("GB", "individual", "legitimate_interest", "consent_missing_gb")] // A sole trader is an individual subscriber.
    [InlineData("GB", "individual", "existing_customer", "")]
    [InlineData("CA", "employee", "none", "consent_missing_ca")]
    [InlineData("CA", "employee", "legitimate_interest", "consent_missing_ca")]
    [InlineData("CA", "employee", "published_address", "")]
    [InlineData("AU", "employee", "published_address", "")]
    [InlineData("AU", "employee", "none", "consent_missing_au")]
    public void What_suffices_depends_on_country_and_whose_address_it_is(string country, string kind, string basis, string code) =>
        Assert.Equal(code, ConsentRule.Judge(Record(country, kind, basis, "2026-01-01"), ConsentPolicy.Default, Today)?.Code ?? "");

    /// <summary>24 months after a purchase and 6 after an inquiry (CASL s. 10(10)): the last day, and the day after.</summary>
    [Theory]
    [InlineData("existing_customer", "2024-03-02", "")]
    [InlineData("existing_customer", "2024-03-01", "consent_expired_ca")]
    [InlineData("inquiry", "2025-09-02", "")]
    [InlineData("inquiry", "2025-09-01", "consent_expired_ca")]
    [InlineData("inquiry", null, "consent_unproven_ca")]
    [InlineData("express", "2001-01-01", "")]
    public void Implied_consent_in_Canada_ends_by_itself(string basis, string? since, string code) =>
        Assert.Equal(code, ConsentRule.Judge(Record("CA", "employee", basis, since), ConsentPolicy.Default, Today)?.Code ?? "");

    [Fact]
    public void An_end_of_its_own_a_missing_proof_and_a_missing_source_are_said()
    {
        Assert.Null(ConsentRule.Judge(Record("DE", "employee", "express", until: "2026-03-02"), ConsentPolicy.Default, Today));
        Assert.Equal("consent_expired_de", ConsentRule.Judge(Record("DE", "employee", "express", until: "2026-03-01"), ConsentPolicy.Default, Today)?.Code);
        Assert.Equal("consent_unproven_de", ConsentRule.Judge(Record("DE", "employee", "express", proof: false), ConsentPolicy.Default, Today)?.Code);
        Assert.Equal("consent_unproven_fr", ConsentRule.Judge(Record("FR", "employee", "legitimate_interest", source: false), ConsentPolicy.Default, Today)?.Code);
        Assert.Null(ConsentRule.Judge(Record("FR", "employee", "legitimate_interest", proof: false), ConsentPolicy.Default, Today));
        Assert.True(ConsentRule.Judge(Record("US", "employee", "express") with { IsWithdrawn = true }, ConsentPolicy.Default, Today)?.IsFinal);
    }

    [Theory]
    [InlineData("", "none", true, UnknownCountry.Source, "", "")]
    [InlineData("", "none", false, UnknownCountry.Source, "", "country_unknown")]
    [InlineData("MX", "none", true, UnknownCountry.Source, "", "")]
    [InlineData("", "none", true, UnknownCountry.Own, "DE", "consent_missing_de")]
    [InlineData("", "none", true, UnknownCountry.Own, "US", "")]
    [InlineData("", "existing_customer", true, UnknownCountry.Strictest, "", "consent_missing_unknown")]
    [InlineData("", "express", true, UnknownCountry.Strictest, "", "")]
    [InlineData("", "express", true, UnknownCountry.Hold, "", "country_unknown")]
    [InlineData("MX", "express", true, UnknownCountry.Hold, "", "country_unknown")]
    [InlineData("US", "none", true, UnknownCountry.Hold, "", "")] // Known, so the policy is not asked.
    public void The_account_decides_where_no_rule_is_known(string country, string basis, bool source, UnknownCountry unknown, string own, string code) =>
        Assert.Equal(code, ConsentRule.Judge(Record(country, "employee", basis, source: source), new(unknown, own), Today)?.Code ?? "");

    [Fact]
    public void Every_refusal_names_law_article_and_what_to_do()
    {
        foreach (var law in Jurisdiction.All)
            foreach (var kind in Enum.GetValues<RecipientKind>())
                if (ConsentRule.Judge(new(law.Country, kind, LawfulBasis.None), ConsentPolicy.Default, Today) is { } fault)
                {
                    Assert.Contains(law.Law, fault.Sentence, StringComparison.Ordinal);
                    Assert.Contains(law.Article, fault.Sentence, StringComparison.Ordinal);
                    Assert.Contains("Record", fault.Sentence, StringComparison.Ordinal);
                    Assert.Contains(fault.Code, ConsentRule.Codes);
                }
    }

    [Fact]
    public void Every_rule_is_whole()
    {
        Assert.Equal(Jurisdiction.All.Count, Jurisdiction.All.Select(law => law.Country).Distinct().Count());
        Assert.All(Jurisdiction.All, law =>
        {
            Assert.NotNull(Country.Find(law.Country));
            Assert.NotEmpty(law.Source);
            Assert.True(law.AsOf.Year >= 2026);
            Assert.All(Enum.GetValues<RecipientKind>(), kind => Assert.Contains(LawfulBasis.Express, law.For(kind)));
            Assert.All(law.Months.Keys, word => Assert.NotNull(BasisWords.FindBasis(word)));
            if (law.Standing == RuleStanding.Unconfirmed) Assert.DoesNotContain(LawfulBasis.LegitimateInterest, law.Employee);
        });
        string[] eea = ["AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO"];
        Assert.All(eea, country => Assert.NotNull(Jurisdiction.Of(country)));
    }

    [Theory]
    [InlineData("germany", "DE", "Europe/Berlin")]
    [InlineData("Deutschland", "DE", "Europe/Berlin")]
    [InlineData(" uk ", "GB", "Europe/London")]
    [InlineData("us", "US", "")] // Several zones.
    [InlineData("Canada", "CA", "")]
    [InlineData("Atlantis", null, null)]
    public void A_country_is_known_by_code_and_name(string text, string? code, string? zone) => Assert.Equal((code, zone), (Country.Find(text)?.Code, Country.Find(text)?.Zone));

    [Theory]
    [InlineData("a@firma.de", "DE")]
    [InlineData("a@firm.co.uk", "GB")]
    [InlineData("a@firm.ca", "CA")]
    [InlineData("a@start-up.io", null)]
    [InlineData("a@firm.com", null)]
    [InlineData("a@firm.example", null)]
    public void The_end_of_an_address_may_tell_the_country(string address, string? code) => Assert.Equal(code, Country.Presumed(address)?.Code);

    [Fact]
    public void Every_zone_exists() => Assert.All(Country.All.Where(one => one.Zone.Length > 0), one => Assert.True(TimeZoneInfo.TryFindSystemTimeZoneById(one.Zone, out _), one.Zone));

    [Fact]
    public async Task The_policy_is_kept_for_the_account_alone_and_needs_the_right()
    {
        var actor = Actor.System(database.NewTenant());
        Assert.Equal(ConsentPolicy.Default, (await SetConsentPolicy.Read(actor, database.Db, Ct)).Value);
        Assert.Equal("consent_policy.invalid", (await SetConsentPolicy.Handle(actor, new(UnknownCountry.Own), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("consent_policy.invalid", (await SetConsentPolicy.Handle(actor, new(UnknownCountry.Hold, "Atlantis"), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.True((await SetConsentPolicy.Handle(actor, new(UnknownCountry.Own, "Germany"), database.Db, database.Clock, Ct)).IsOk);
        Assert.Equal(new ConsentPolicy(UnknownCountry.Own, "DE"), (await SetConsentPolicy.Read(actor, database.Db, Ct)).Value);
        Assert.Equal(ConsentPolicy.Default, (await SetConsentPolicy.Read(Actor.System(database.NewTenant()), database.Db, Ct)).Value);
        var nobody = actor with { Kind = ActorKind.Person };
        Assert.Equal("permission.missing", (await SetConsentPolicy.Handle(nobody, new(UnknownCountry.Hold), database.Db, database.Clock, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await SetConsentPolicy.Read(nobody, database.Db, Ct)).Problem?.Code);
    }
}
