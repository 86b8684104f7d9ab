using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Delivery.Pacing;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Routes;

/// <summary>The job that looks up who receives for recipients' domains, so that limits and back-off count by the receiving organisation.</summary>
/// <remarks>A domain that is not looked up yet has no provider: it is sent all the same, at the mailbox's own pace.</remarks>
static class LearnDomains
{
    public const string Kind = "delivery.learn_domains";
    const int Seconds = 60;
    const int BatchDomains = 512;
    const int AtOnce = 32;
    static readonly TimeSpan KnownFor = TimeSpan.FromDays(7);
    static readonly TimeSpan LookMax = TimeSpan.FromSeconds(10);
    static readonly TimeSpan RunMax = TimeSpan.FromMinutes(10);

    public static void AddTo(JobKinds jobs) => jobs.Every(Kind, Seconds, Run);

    // Reads index recipient_domain_looked_up: those that are not known first, then the oldest.
    const string Take = """
        (select domain from delivery.recipient_domain where looked_up_at is null limit $2)
        union all
        (select domain from delivery.recipient_domain where looked_up_at < $1 order by looked_up_at limit $2)
        limit $2
        """;

    const string Save = """
        update delivery.recipient_domain d
        set provider = f.provider, exchange = f.exchange, looked_up_at = $4
        from unnest($1::text[], $2::text[], $3::text[]) as f (domain, provider, exchange)
        where d.domain = any($1) and d.domain = f.domain
        """;

    internal const string Note = """
        insert into delivery.recipient_domain (domain)
        select distinct d.domain
        from unnest($1::text[]) as d (domain)
        order by d.domain
        on conflict (domain) do nothing
        """;

    const string Learn = """
        insert into delivery.recipient_domain (domain, provider, exchange, looked_up_at)
        values ($1, $2, $3, $4)
        on conflict (domain) do update set provider = excluded.provider, exchange = excluded.exchange, looked_up_at = excluded.looked_up_at
        """;

    sealed record Found(string Domain, string Provider, string Exchange);

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        var clock = run.Need<TimeProvider>();
        var (began, dns) = (clock.GetUtcNow(), run.Need<DnsSettings>().Resolver(clock));
        while (clock.GetUtcNow() - began < RunMax && await Batch(run, began, ct) is { Count: > 0 } domains)
        {
            var found = new List<Found>();
            await Parallel.ForEachAsync(domains, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (domain, stop) =>
            {
                var one = await Look(domain, dns, stop);
                lock (found) found.Add(one);
            });
            await using var tx = await run.Db.BeginUnscoped(ct);
            await tx.Execute(Save, ct, found.ConvertAll(f => f.Domain).ToArray(), found.ConvertAll(f => f.Provider).ToArray(), found.ConvertAll(f => f.Exchange).ToArray(), clock.GetUtcNow());
            await tx.Commit(ct);
        }
    }

    /// <summary>Somebody looked it up for another reason.</summary>
    internal static async Task Learned(TenantDb db, string domain, string provider, string exchange, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.BeginUnscoped(ct);
        await tx.Execute(Learn, ct, domain, provider, exchange, now);
        await tx.Commit(ct);
    }

    static async Task<List<string>> Batch(JobRun run, DateTimeOffset began, CancellationToken ct)
    {
        await using var tx = await run.Db.BeginUnscoped(ct);
        return await tx.List(Take, row => row.GetString(0), ct, began - KnownFor, BatchDomains);
    }

    static async Task<Found> Look(string domain, Mail.Dns.IDnsLookup dns, CancellationToken ct)
    {
        if (!DomainName.TryParse(domain, out var name, out _)) return new(domain, "", "");
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(LookMax);
        try
        {
            var route = await MxRoute.Find(name, dns, System.Security.Cryptography.RandomNumberGenerator.Fill, limited.Token);
            return route.Hosts.Count > 0 ? new(domain, Provider.Of(route.Hosts[0].Name).Id, route.Hosts[0].Name) : new(domain, "", "");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(domain, "", ""); // Silent name servers: asked again in a week, sent to all the same.
        }
    }
}
