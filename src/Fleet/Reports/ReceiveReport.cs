using System.Net;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Fleet.Reports;

/// <summary>A message that came to the edge for an address of reports, with the session it came by.</summary>
/// <param name="MailFrom">Empty for the null sender.</param>
public sealed record IncomingMail(EmailAddress Recipient, IPAddress Client, string Hello, string MailFrom, ReadOnlyMemory<byte> Message);

/// <summary>What became of it. TooLarge and TooMany are to be answered with a refusal, so that a true sender comes again or tells somebody.</summary>
public enum ReportTaken { NotOurs, Kept, TooLarge, TooMany }

/// <summary>Takes reports of receivers for <c>dmarc@</c> and <c>tls@</c> of a domain's return-path host, and stores each with the job that reads it. For the edge, which has no person.</summary>
/// <remarks>At most 5 MB for each, 500 a day and 50 unread for a domain.</remarks>
public static class ReceiveReport
{
    const int SessionTextMax = 320;

    const string Count = """
        select count(*) filter (where received_at >= $3), count(*) filter (where state = 'received')
        from fleet.report
        where tenant_id = $1 and domain_id = $2
        """;

    const string Insert = """
        insert into fleet.report (tenant_id, id, domain_id, kind, mail_from, client, hello, raw, received_at)
        select $1, $2, id, $4, $5, $6, $7, $8, $9
        from fleet.domain
        where tenant_id = $1 and id = $3
        """;

    /// <summary>True for an address that reports come to.</summary>
    public static async Task<bool> Knows(EmailAddress recipient, TenantDb db, CancellationToken ct) => (await ReportRoute.Find(recipient, db, ct)).Count > 0;

    public static async Task<ReportTaken> Handle(IncomingMail came, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var routes = await ReportRoute.Find(came.Recipient, db, ct);
        if (routes.Count == 0) return ReportTaken.NotOurs;
        if (came.Message.Length > ReportLimits.MessageOctetsMax) return ReportTaken.TooLarge;
        var taken = ReportTaken.TooMany;
        foreach (var route in routes)
            if (await Keep(route, came, db, clock.GetUtcNow(), ct)) taken = ReportTaken.Kept;
        return taken;
    }

    static async Task<bool> Keep(ReportRoute route, IncomingMail came, TenantDb db, DateTimeOffset now, CancellationToken ct)
    {
        await using var tx = await db.Begin(route.Tenant, ct);
        var (today, unread) = await tx.One(Count, row => (row.GetInt64(0), row.GetInt64(1)), ct, route.Tenant, route.Domain, new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero));
        if (today >= ReportLimits.ReportsPerDayMax || unread >= ReportLimits.UnreadMax) return false;
        var id = TypedId.New<ReportId>(now);
        await tx.Execute(Insert, ct, route.Tenant, id, route.Domain, route.Kind, ReportLimits.Text(came.MailFrom, SessionTextMax), came.Client.ToString(), ReportLimits.Text(came.Hello, SessionTextMax), came.Message.ToArray(), now);
        await tx.Enqueue(new JobOrder<ReadReport.Order>(ReadReport.Kind, new(id)) { UniqueKey = id.Value.ToString("N"), Priority = 7 }, now, ct);
        await tx.Commit(ct);
        return true;
    }
}
