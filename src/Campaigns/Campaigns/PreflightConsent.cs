using System.Globalization;
using PenguinMails.Campaigns.Contacts;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>The recipients of one country.</summary>
/// <param name="Country">ISO 3166-1 alpha-2; empty: unknown.</param>
/// <param name="Law">Law and article; empty where no rule is kept.</param>
/// <param name="Held">Of them, those that would wait.</param>
/// <param name="Why">Codes with their numbers, the most frequent first.</param>
public sealed record JurisdictionCount(string Country, string Law, long Contacts, long Held, IReadOnlyList<HeldCount> Why);

/// <param name="Sentence">Names law, article and what to do.</param>
public sealed record HeldCount(string Code, string Sentence, long Contacts);

/// <summary>Counts who would wait for consent, before a campaign starts.</summary>
static class PreflightConsent
{
    // Everything that decides, grouped: days make at most some thousands of groups.
    const string CountGroups = """
        select c.country, c.recipient_kind, c.is_role, c.is_consumer, c.basis, c.obtained_on, c.expires_on, c.evidence <> '', c.source <> '', c.withdrawn_at is not null, count(*)
        from campaigns.list_member m
        join campaigns.contact c on c.tenant_id = m.tenant_id and c.id = m.contact_id
        where m.tenant_id = $1 and m.list_id = $2 and (not c.is_role or $3) and (not c.is_consumer or $4)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        limit 100000
        """;

    sealed record Group(ConsentRecord Record, long Contacts);

    public static async Task<IReadOnlyList<JurisdictionCount>> Within(TenantTx tx, Campaign campaign, DateOnly today, CancellationToken ct)
    {
        var policy = await SetConsentPolicy.Within(tx, ct);
        var groups = await tx.List(CountGroups, row => new Group(new(row.GetString(0), ContactLimits.KindOf(BasisWords.FindKind(row.GetString(1)), row.GetBoolean(2), row.GetBoolean(3)), BasisWords.Basis(row.GetString(4)),
            row.Maybe<DateOnly>(5), row.Maybe<DateOnly>(6), row.GetBoolean(7), row.GetBoolean(8), row.GetBoolean(9)), row.GetInt64(10)), ct,
            tx.Tenant, campaign.ListId, campaign.IncludesRoles, campaign.ConsumerPolicy == ConsumerPolicy.Allow);
        return [.. groups.Select(group => (group.Record.Country, group.Contacts, Fault: ConsentRule.Judge(group.Record, policy, today))).GroupBy(one => one.Country).Select(country => new JurisdictionCount(
            country.Key, Jurisdiction.Of(country.Key) is { } law ? $"{law.Law}, {law.Article}" : "", country.Sum(one => one.Contacts), country.Where(one => one.Fault is not null).Sum(one => one.Contacts),
            [.. country.Where(one => one.Fault is not null).GroupBy(one => one.Fault?.Code ?? "").Select(why => new HeldCount(why.Key, why.First().Fault?.Sentence ?? "", why.Sum(one => one.Contacts))).OrderByDescending(why => why.Contacts)]))
            .OrderByDescending(country => country.Contacts)];
    }

    /// <summary>One for each reason; they block when nobody is left.</summary>
    public static IEnumerable<Finding> Findings(IReadOnlyList<JurisdictionCount> countries)
    {
        var (all, held) = (countries.Sum(country => country.Contacts), countries.Sum(country => country.Held));
        foreach (var (country, why) in countries.SelectMany(country => country.Why.Select(why => (country, why))))
            yield return new("consent", all == held ? Severity.Block : Severity.Warn,
                $"{why.Contacts.ToString("N0", CultureInfo.InvariantCulture)} {(why.Contacts == 1 ? "recipient" : "recipients")} in {Country.Find(country.Country)?.Name ?? "a country that is not known"} would wait", why.Sentence);
    }
}
