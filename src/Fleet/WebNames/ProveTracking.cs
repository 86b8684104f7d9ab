using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Accounts;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.WebNames;

/// <summary>Looks whether a domain's tracking host leads to this installation as recipients would reach it: over the public web's scheme and port, with a certificate that holds. Only then links are written with it.</summary>
/// <remarks>The answer is a word only this installation can make, so that another server under that name proves nothing.</remarks>
static class ProveTracking
{
    public const string Path = ".well-known/penguin-tracking";

    static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    const string Select = """
        select d.tracking_host
        from fleet.domain d
        join fleet.domain_record r on r.tenant_id = d.tenant_id and r.domain_id = d.id and r.kind = 'tracking' and r.state = 'ok'
        where d.tenant_id = $1 and d.id = $2
        """;

    const string Save = "update fleet.domain set tracking_served_at = $3 where tenant_id = $1 and id = $2";

    /// <summary>What this installation answers under a host: HMAC-SHA-256 of the name under a key that only it has, in hexadecimal.</summary>
    public static string Word(MasterKey master, string host) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(master.Derive("fleet/tracking-host"), Encoding.ASCII.GetBytes(host.ToLowerInvariant())));

    /// <returns>Whether links may be written with the host from now on.</returns>
    public static async Task<bool> Run(JobRun run, DomainId domain, CancellationToken ct)
    {
        string? host;
        await using (var tx = await run.Db.Begin(run.Tenant, ct)) host = await tx.Maybe(Select, row => row.GetString(0), ct, run.Tenant, domain);
        var isServed = host is not null && await Answers(host, run.Need<PublicWeb>().Root, Word(run.Need<MasterKey>(), host), run.Need<DnsReach>(), ct);
        await using var saving = await run.Db.Begin(run.Tenant, ct);
        await saving.Execute(Save, ct, run.Tenant, domain, isServed ? run.Need<TimeProvider>().GetUtcNow() : null);
        await saving.Commit(ct);
        return isServed;
    }

    internal static async Task<bool> Answers(string host, Uri root, string word, DnsReach reach, CancellationToken ct)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (context, stop) => new NetworkStream(await reach.Outbound.Connect(context.DnsEndPoint, stop), ownsSocket: true),
        };
        using var client = new HttpClient(handler) { Timeout = Wait, MaxResponseContentBufferSize = 1024 };
        try
        {
            return await client.GetStringAsync(new Uri(new UriBuilder(root) { Host = host }.Uri, Path), ct) == word;
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return false; // Not there, not ours or not in time: links keep the platform's name.
        }
    }
}

/// <summary>The word that proves a tracking host leads here. Refuses with <c>web_name.unknown</c> for a host that is no customer's.</summary>
public static class ReadTrackingWord
{
    public static async Task<Result<string>> Handle(string host, TenantDb db, MasterKey master, CancellationToken ct) =>
        (await WebName.Find(host, db, ct)).Any(name => name.Kind == "tracking") ? ProveTracking.Word(master, host.TrimEnd('.')) : WebName.Unknown;

    /// <summary>Whether a host below a customer's domain is answered here; nothing of the product itself is shown under it.</summary>
    public static async Task<bool> IsCustomers(string host, TenantDb db, CancellationToken ct) => (await WebName.Find(host, db, ct)).Count > 0;
}
