using PenguinMails.Accounts.Members;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Insight.Rates;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Figures over all accounts, for the company that runs the platform. Each account is read in its own transaction; what leaves it are counts.</summary>
static class CompanyFacts
{
    const int Weeks = 5;
    const int OldEnoughDays = 14;
    const int FeaturesForAdoption = 2;

    static readonly TimeSpan ValueWithin = TimeSpan.FromHours(48);

    static readonly (string Own, string Platform)[] Sums =
    [
        ("volume", "platform_volume"), ("campaign_success", "platform_campaign_success"), ("provisioning_in_time", "platform_provisioning_in_time"),
        ("domains", "platform_domains"), ("seats", "platform_seats"), ("active_people", "monthly_active_users"),
    ];

    sealed record Opened(DateTimeOffset At, bool HadValue, long Features);

    public static async Task<List<(string Kpi, KpiValue Value)>> Read(IReadOnlyList<TenantId> tenants, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var from = AccountFacts.Monday(today).AddDays(-7 * Weeks);
        var own = new List<(string Kpi, KpiValue Value)>();
        var opened = new List<Opened>();
        foreach (var tenant in tenants)
        {
            await using var tx = await db.Begin(tenant, ct);
            var values = await KpiBook.Read(tx, null, today, ct);
            own.AddRange(values.SelectMany(kpi => kpi.Where(value => value.Start >= from).Select(value => (kpi.Key, value))));
            if ((await CountPeople.Within(tx, ct)).Opened is { } at)
                opened.Add(new(at, await FirstAccepted.ValueBy(tx, at + ValueWithin, ct), (long)(values["features_used"].LastOrDefault()?.Value ?? 0)));
        }

        return [.. Sums.SelectMany(pair => Sum(own.Where(one => one.Kpi == pair.Own).Select(one => one.Value), pair.Platform)), .. Deliverability(own), .. OfAccounts(opened, from, today), .. await Api(db, from, today, ct)];
    }

    static IEnumerable<(string, KpiValue)> Sum(IEnumerable<KpiValue> values, string platform) => values.GroupBy(value => value.Start).Select(week => (platform, Of(platform, week.Key,
        week.Any(value => value.Denominator is not null) ? (week.Sum(value => value.Numerator ?? 0), week.Sum(value => value.Denominator ?? 0)) : null, week.Sum(value => value.Value))));

    // The mean over accounts says how it goes for customers; one that sends most of the mail does not decide it alone.
    static IEnumerable<(string, KpiValue)> Deliverability(IEnumerable<(string Kpi, KpiValue Value)> own)
    {
        foreach (var week in own.Where(one => one.Kpi == "acceptance" && one.Value.Denominator > 0).GroupBy(one => one.Value.Start))
        {
            var (hits, trials) = (week.Select(one => one.Value.Numerator ?? 0).ToList(), week.Select(one => one.Value.Denominator ?? 0).ToList());
            var mean = hits.Count == 1 ? (double)hits[0] / trials[0] : Shrunk(hits, trials);
            yield return ("deliverability", Of("deliverability", week.Key, null, 100 * mean));
        }
    }

    static double Shrunk(List<long> hits, List<long> trials)
    {
        var prior = BetaBinomial.Fit(hits, trials);
        return hits.Zip(trials, prior.Posterior).Average();
    }

    static IEnumerable<(string, KpiValue)> OfAccounts(List<Opened> opened, DateOnly from, DateOnly today)
    {
        var week = AccountFacts.Monday(today).AddDays(-7);
        var old = opened.Where(one => DateOnly.FromDateTime(one.At.UtcDateTime) <= today.AddDays(-OldEnoughDays)).ToList();
        yield return ("accounts", Of("accounts", week, null, opened.Count(one => DateOnly.FromDateTime(one.At.UtcDateTime) < week.AddDays(7))));
        yield return ("feature_adoption", Of("feature_adoption", week, (old.Count(one => one.Features >= FeaturesForAdoption), old.Count), null));
        var kpi = KpiCatalog.Find("first_value_in_time");
        foreach (var cohort in opened.GroupBy(one => AccountFacts.Monday(DateOnly.FromDateTime(one.At.UtcDateTime))).Where(cohort => cohort.Key >= from && kpi?.IsClosed(cohort.Key, today) == true))
            yield return ("first_value_in_time", Of("first_value_in_time", cohort.Key, (cohort.Count(one => one.HadValue), cohort.Count()), null));
    }

    static async Task<IEnumerable<(string, KpiValue)>> Api(TenantDb db, DateOnly from, DateOnly today, CancellationToken ct) =>
        (await ApiTimes.Read(db, from, AccountFacts.Monday(today), ct)).Select(week => ("api_p95", Of("api_p95", week.Week, null, week.Ms)));

    static KpiValue Of(string key, DateOnly start, (long Hits, long Trials)? counts, double? value)
    {
        var kpi = KpiCatalog.Find(key) ?? throw new InvalidOperationException($"There is no KPI {key}.");
        return counts is { } c ? new(start, c.Hits, c.Trials, null, kpi.Unit, kpi.Version) : new(start, null, null, value, kpi.Unit, kpi.Version);
    }
}
