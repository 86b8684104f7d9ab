using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Fleet.Reports;

/// <summary>The job that reads one stored report: proves who sent it, checks what it is about, and keeps its rows. The mail itself is deleted with that.</summary>
/// <remarks>Bears running twice: a second run finds the report read. A report that came before is dropped. While DNS does not answer it waits, for six hours at most.</remarks>
static class ReadReport
{
    public const string Kind = "fleet.read_report";

    static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(15);
    static readonly TimeSpan AskUntil = TimeSpan.FromHours(6);

    public sealed record Order(ReportId Report);

    sealed record Stored(string Kind, byte[] Raw, string MailFrom, string Client, string Hello, DateTimeOffset ReceivedAt, DomainId Domain, string Name);

    const string Select = """
        select r.kind, r.raw, r.mail_from, r.client, r.hello, r.received_at, d.id, d.name
        from fleet.report r
        join fleet.domain d on d.tenant_id = r.tenant_id and d.id = r.domain_id
        where r.tenant_id = $1 and r.id = $2 and r.state = 'received'
        """;

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        Stored? stored;
        await using (var asking = await run.Db.Begin(run.Tenant, ct))
            stored = await asking.Maybe(Select, row => new Stored(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), new(row.GetGuid(6)), row.GetString(7)), ct, run.Tenant, order.Report);
        if (stored is null) return;

        var clock = run.Need<TimeProvider>();
        var now = clock.GetUtcNow();
        using var limit = new CancellationTokenSource(LookLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var dns = run.Need<DnsSettings>().Resolver(clock);
        var reporter = await Proved(stored, dns, now, either.Token, ct);
        if (reporter.IsUnanswered && now - stored.ReceivedAt < AskUntil)
        {
            run.Again(AskAgainAfter);
            return;
        }

        var verdict = stored.Kind == "dmarc" ? DmarcFound.Of(DmarcReader.Read(stored.Raw), stored.Name, now) : TlsFound.Of(TlsReport.Read(stored.Raw), stored.Name, now);
        verdict = verdict.By(reporter);
        if (verdict is { State: ReportVerdict.Counted, Dmarc.Count: > 0 }) verdict = verdict with { Dmarc = await LookUpSource.Run(verdict.Dmarc, stored.Name, dns, now, either.Token, ct) };
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await KeepReport.Within(tx, order.Report, stored.Domain, stored.ReceivedAt, verdict, reporter.Domain, now, ct);
        await tx.Commit(ct);
    }

    static async Task<Reporter> Proved(Stored stored, DnsResolver dns, DateTimeOffset now, CancellationToken limited, CancellationToken ct)
    {
        try
        {
            return await Reporter.Of(stored.Raw, stored.Client, stored.Hello, stored.MailFrom, dns, now, limited);
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return new Reporter("", "Who sent it could not be looked up in time.", true);
        }
    }
}
