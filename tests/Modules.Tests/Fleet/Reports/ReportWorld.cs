using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Reports;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Reports;

/// <summary>A row of an aggregate report.</summary>
sealed record Row(string Ip, int Count, string Dkim = "pass", string Spf = "pass", string Disposition = "none", string? Reason = null, string? DkimDomain = null, string? Selector = null, string? SpfDomain = null, string? SpfResult = null);

/// <summary>A domain whose records are right, and a receiver, bigmail.test, that reports about it.</summary>
sealed class ReportWorld : IAsyncDisposable
{
    public const string Server = "198.51.100.7";
    public static readonly IPAddress Bigmail = IPAddress.Parse("192.0.2.80");

    readonly DomainId _id;
    readonly bool _isOwner;

    /// <param name="isOwner">Whether the fleet ends with this.</param>
    public ReportWorld(FleetWorld fleet, DomainId id, bool isOwner) => (Fleet, _id, _isOwner) = (fleet, id, isOwner);

    public FleetWorld Fleet { get; }
    public Domain Domain { get; private set; } = null!;
    public string Name => Fleet.Name;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ReportWorld> Create(TestDatabase database)
    {
        var fleet = FleetWorld.Create(database);
        var detail = await fleet.AddDomain();
        fleet.PublishAll(detail);
        fleet.Publish("mx.penguin.test", DnsType.Txt, $"v=spf1 ip4:{Server} ip4:192.0.2.25 -all");
        await fleet.Check(detail.Domain.Id);
        var world = new ReportWorld(fleet, detail.Domain.Id, isOwner: true);
        await world.Begin();
        return world;
    }

    /// <summary>The receiver is there.</summary>
    public async Task Begin()
    {
        Domain = (await ListDomains.One(Fleet.Actor, _id, Fleet.Db, Ct)).Value.Domain;
        Fleet.Publish("bigmail.test", DnsType.Txt, $"v=spf1 ip4:{Bigmail} -all");
        Fleet.Publish("_dmarc.bigmail.test", DnsType.Txt, "v=DMARC1; p=reject");
    }

    public long Midnight(int daysAgo) => new DateTimeOffset(Fleet.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-daysAgo).ToUnixTimeSeconds();

    public string Dmarc(string id, IEnumerable<Row> rows, int daysAgo = 1, string? domain = null, string org = "Bigmail", string policy = "none") => $"""
        <?xml version="1.0"?>
        <feedback>
          <report_metadata><org_name>{org}</org_name><email>reports@bigmail.test</email><report_id>{id}</report_id>
            <date_range><begin>{Midnight(daysAgo)}</begin><end>{Midnight(daysAgo - 1) - 1}</end></date_range></report_metadata>
          <policy_published><domain>{domain ?? Name}</domain><p>{policy}</p></policy_published>
          {string.Concat(rows.Select(One))}
        </feedback>
        """;

    string One(Row row) => $"""
        <record><row><source_ip>{row.Ip}</source_ip><count>{row.Count}</count><policy_evaluated><disposition>{row.Disposition}</disposition><dkim>{row.Dkim}</dkim><spf>{row.Spf}</spf>
          {(row.Reason is null ? "" : $"<reason><type>{row.Reason}</type></reason>")}</policy_evaluated></row>
          <identifiers><header_from>{Name}</header_from></identifiers>
          <auth_results><dkim><domain>{row.DkimDomain ?? Name}</domain><selector>{row.Selector ?? Domain.DkimSelector}</selector><result>{row.Dkim}</result></dkim>
          <spf><domain>{row.SpfDomain ?? $"bounce.{Name}"}</domain><result>{row.SpfResult ?? row.Spf}</result></spf></auth_results></record>
        """;

    public string Tls(string id, long successes, long failures, string failure = "certificate-expired", string? domain = null, int daysAgo = 1) => $$"""
        {"organization-name":"Bigmail","date-range":{"start-datetime":"{{DateTimeOffset.FromUnixTimeSeconds(Midnight(daysAgo)):yyyy-MM-ddTHH:mm:ssZ}}","end-datetime":"{{DateTimeOffset.FromUnixTimeSeconds(Midnight(daysAgo - 1) - 1):yyyy-MM-ddTHH:mm:ssZ}}"},
         "contact-info":"reports@bigmail.test","report-id":"{{id}}","policies":[{"policy":{"policy-type":"sts","policy-domain":"{{domain ?? Name}}"},
         "summary":{"total-successful-session-count":{{successes}},"total-failure-session-count":{{failures}}},
         "failure-details":[{"result-type":"{{failure}}","sending-mta-ip":"192.0.2.80","receiving-mx-hostname":"mx.{{Name}}","failed-session-count":{{failures}}}]}]}
        """;

    /// <summary>The report as a receiver mails it: packed, with a name and a type.</summary>
    public static byte[] Mail(string content, string from = "reports@bigmail.test") => Encoding.ASCII.GetBytes($"""
        From: {from}
        Subject: Report
        MIME-Version: 1.0
        Content-Type: {(content.StartsWith('{') ? "application/tlsrpt+gzip" : "application/gzip")}
        Content-Disposition: attachment; filename="report.gz"
        Content-Transfer-Encoding: base64

        {Convert.ToBase64String(Packed(content), Base64FormattingOptions.InsertLineBreaks)}

        """.ReplaceLineEndings("\r\n"));

    static byte[] Packed(string content)
    {
        using var made = new MemoryStream();
        using (var gzip = new GZipStream(made, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(content));
        return made.ToArray();
    }

    /// <summary>Comes to the edge.</summary>
    public Task<ReportTaken> Arrive(byte[] mail, string kind = "dmarc", IPAddress? client = null, string? mailFrom = null)
    {
        Fleet.Clock.Advance(TimeSpan.FromMilliseconds(1)); // So that ids are in order.
        return ReceiveReport.Handle(new(EmailAddress.Parse($"{kind}@bounce.{Name}"), client ?? Bigmail, "out.bigmail.test", mailFrom ?? "reports@bigmail.test", mail), Fleet.Db, Fleet.Clock, Ct);
    }

    /// <summary>Runs the job of each report that waits.</summary>
    public async Task ReadAll()
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Fleet.Clock).AddSingleton(Fleet.Dns).BuildServiceProvider();
        foreach (var id in await Ask("select id from fleet.report where tenant_id = $1 and state = 'received' order by id limit 1000", row => new ReportId(row.GetGuid(0))))
            await ReadReport.Run(new(id), new JobRun(new ClaimedJob(default, Fleet.Tenant, ReadReport.Kind, 1, 10, default, null), Fleet.Db, services), Ct);
    }

    public async Task Take(string content, string kind = "dmarc")
    {
        Assert.Equal(ReportTaken.Kept, await Arrive(Mail(content), kind));
        await ReadAll();
    }

    public async Task<List<T>> Ask<T>(string sql, Func<Npgsql.NpgsqlDataReader, T> read)
    {
        await using var tx = await Fleet.Db.Begin(Fleet.Tenant, Ct);
        return await tx.List(sql, read, Ct, Fleet.Tenant);
    }

    public async Task Change(string sql, params object?[] values)
    {
        await using var tx = await Fleet.Db.Begin(Fleet.Tenant, Ct);
        await tx.Execute(sql, Ct, [Fleet.Tenant, .. values]);
        await tx.Commit(Ct);
    }

    /// <summary>State, reason and reporter of each report, oldest first.</summary>
    public Task<List<(string State, string Reason, string Reporter)>> Reports() =>
        Ask("select state, reason, reporter from fleet.report where tenant_id = $1 order by id limit 1000", row => (row.GetString(0), row.GetString(1), row.GetString(2)));

    public ValueTask DisposeAsync() => _isOwner ? Fleet.DisposeAsync() : ValueTask.CompletedTask;
}
