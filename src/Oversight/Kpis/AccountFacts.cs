using PenguinMails.Accounts.Members;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Provisionings;

namespace PenguinMails.Oversight.Kpis;

/// <summary>An account's own facts, as values of its KPIs. Each module counts its own rows; here they only get their weeks.</summary>
static class AccountFacts
{
    /// <summary>How far back a first look goes.</summary>
    public const int WeeksMax = 56;

    static readonly TimeSpan InTime = TimeSpan.FromMinutes(60);

    static readonly HashSet<string> CoreFeatures = ["campaign", "contact", "domain", "mailbox", "server", "plan"];

    /// <summary>Values of closed weeks from a day on, and of the last closed week for what is counted as it stands.</summary>
    /// <param name="from">A Monday.</param>
    /// <param name="firstSent">First week that was counted as one with messages; from then on a week without any is a zero. Null: none was yet.</param>
    public static async Task<Dictionary<string, List<KpiValue>>> Read(TenantId tenant, DateOnly from, DateOnly? firstSent, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var values = new Dictionary<string, List<KpiValue>>(StringComparer.Ordinal);
        var days = (await ReadDailyCounts.Handle(Actor.System(tenant), today.DayNumber - from.DayNumber + 1, db, clock, ct)).Match(rows => rows, problem => throw new InvalidOperationException(problem.Detail));
        var weeks = days.ToLookup(day => Monday(day.Day));
        var begin = firstSent ?? (days.Count > 0 ? Monday(days[0].Day) : today);
        for (var week = begin < from ? from : begin; week < today; week = week.AddDays(7)) OfWeek(values, week, [.. weeks[week]], today);

        await using var tx = await db.Begin(tenant, ct);
        var (first, next) = (Midnight(from), Midnight(Monday(today)));
        Count(values, "campaign_success", today, (await ReadStarts.Within(tx, first, next, ct)).Select(start => (start.LaunchedAt, start.IsInTime)));
        Count(values, "provisioning_in_time", today, (await ReadSetUps.Within(tx, first, next, ct)).Select(setUp => (setUp.Begun, setUp.IsReady && setUp.PlatformTime <= InTime)));
        await AsItStands(values, tx, Monday(today).AddDays(-7), next, ct);
        return values;
    }

    static void OfWeek(Dictionary<string, List<KpiValue>> values, DateOnly week, List<DayCounts> days, DateOnly today)
    {
        long Sum(Func<DayCounts, long> of) => days.Sum(of);
        var (sent, bounced, failed) = (Sum(d => d.Sent), Sum(d => d.Bounced), Sum(d => d.Failed));
        Rate("acceptance", sent, sent + bounced + failed);
        Rate("bounce_rate", bounced, sent + bounced);
        // Who answered, complained or left and bounced afterwards is on both sides, so that hits never exceed trials.
        Rate("answer_rate", Sum(d => d.Answered), Math.Max(sent, Sum(d => d.Answered)));
        Rate("complaint_rate", Sum(d => d.Complained), Math.Max(sent, Sum(d => d.Complained)));
        Rate("unsubscribe_rate", Sum(d => d.Unsubscribed), Math.Max(sent, Sum(d => d.Unsubscribed)));
        Add(values, "volume", today, new(week, null, null, sent, "messages", 0));

        void Rate(string key, long hits, long trials)
        {
            if (trials > 0) Add(values, key, today, new(week, hits, trials, null, "", 0));
        }
    }

    static void Count(Dictionary<string, List<KpiValue>> values, string key, DateOnly today, IEnumerable<(DateTimeOffset At, bool IsHit)> cases)
    {
        foreach (var week in cases.GroupBy(one => Monday(DateOnly.FromDateTime(one.At.UtcDateTime)))) Add(values, key, today, new(week.Key, week.Count(one => one.IsHit), week.Count(), null, "", 0));
    }

    // What an earlier week had cannot be counted afterwards, so only the newest closed one is.
    static async Task AsItStands(Dictionary<string, List<KpiValue>> values, TenantTx tx, DateOnly week, DateTimeOffset end, CancellationToken ct)
    {
        var people = await Audit.People(tx, end.AddDays(-28), end, ct);
        Set("domains", await ReadSetUps.Domains(tx, ct));
        Set("seats", (await CountPeople.Within(tx, ct)).Members);
        Set("active_people", people.Select(one => one.Person).Distinct(StringComparer.Ordinal).Count());
        Set("features_used", people.Select(one => one.Noun == "import" ? "contact" : one.Noun).Where(CoreFeatures.Contains).Distinct(StringComparer.Ordinal).Count());

        void Set(string key, long value) => Add(values, key, week.AddDays(7), new(week, null, null, value, "", 0));
    }

    static void Add(Dictionary<string, List<KpiValue>> values, string key, DateOnly today, KpiValue value)
    {
        var kpi = KpiCatalog.Find(key) ?? throw new InvalidOperationException($"There is no KPI {key}.");
        if (!kpi.IsClosed(value.Start, today)) return;
        if (!values.TryGetValue(key, out var list)) values[key] = list = [];
        list.Add(value with { Unit = kpi.Unit, Version = kpi.Version });
    }

    internal static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
