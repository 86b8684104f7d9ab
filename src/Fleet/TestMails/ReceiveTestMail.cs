using System.Net;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Auth;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Reports;

namespace PenguinMails.Fleet.TestMails;

/// <summary>A message that came to the edge for a test address, with the session it came by.</summary>
/// <param name="MailFrom">Empty for a bounce.</param>
public sealed record IncomingTest(string Local, IPAddress Client, string Hello, bool IsTls, string MailFrom, ReadOnlyMemory<byte> Message);

/// <summary>Judges a test mail that arrived as a receiver would, or reads the bounce that came instead. For the edge, which has no person.</summary>
public static class ReceiveTestMail
{
    const int ReasonLengthMax = 300;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // RFC 5321 4.5.3.2.6: the sender waits ten minutes for the answer to its final dot.

    const string SelectSender = """
        select m.address
        from fleet.test_mail t
        join fleet.mailbox m on m.tenant_id = t.tenant_id and m.id = t.mailbox_id
        where t.tenant_id = $1 and t.token_hash = $2
        """;

    // The first arrival counts: a server that sends twice changes nothing.
    const string Arrive = "update fleet.test_mail set state = 'arrived', problem = $3, arrived_at = $4, arrival = $5 where tenant_id = $1 and token_hash = $2 and state in ('sending', 'sent')";

    const string Bounce = "update fleet.test_mail set state = 'bounced', problem = $3 where tenant_id = $1 and token_hash = $2 and state in ('sending', 'sent')";

    /// <summary>True for an address that a test mail of some account was sent to.</summary>
    public static async Task<bool> Knows(string local, TenantDb db, CancellationToken ct)
    {
        if (!TestAddress.TryRead(local, out var tenant, out var hash)) return false;
        await using var tx = await db.Begin(tenant, ct);
        return await tx.Maybe(SelectSender, row => row.GetString(0), ct, tenant, hash) is not null;
    }

    /// <returns>False when no such test mail was sent.</returns>
    public static async Task<bool> Handle(IncomingTest came, TenantDb db, DnsSettings dns, TimeProvider clock, CancellationToken ct)
    {
        if (!TestAddress.TryRead(came.Local, out var tenant, out var hash)) return false;
        string? address;
        await using (var asking = await db.Begin(tenant, ct)) address = await asking.Maybe(SelectSender, row => row.GetString(0), ct, tenant, hash);
        if (address is null) return false;
        var report = came.MailFrom.Length == 0 ? DeliveryReport.Read(MimeReader.Read(came.Message, new MimeLimits())) : null;
        var arrival = report is null ? await Judge(came, address, dns, clock, ct) : null;
        await using var tx = await db.Begin(tenant, ct);
        if (arrival is not null) await tx.Execute(Arrive, ct, tenant, hash, Advice(arrival), clock.GetUtcNow(), Jsonb.Of(arrival));
        else if (report?.Recipients.FirstOrDefault(recipient => recipient.Action == ReportAction.Failed) is { } failed)
            await tx.Execute(Bounce, ct, tenant, hash, Cut($"It came back: {failed.Diagnostic} Look at the server's log and queue; what receivers refuse is named there."));
        await tx.Commit(ct);
        return true;
    }

    static async Task<Arrival> Judge(IncomingTest came, string address, DnsSettings dns, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        var now = clock.GetUtcNow();
        var session = new SpfQuestion { Client = came.Client, Helo = came.Hello, MailFrom = came.MailFrom, At = now };
        var verdicts = await AuthenticationCheck.Run(came.Message, session, dns.Resolver(clock), null, now, either.Token);
        var domain = address[(address.LastIndexOf('@') + 1)..];
        var dkim = verdicts.Dkim.OrderByDescending(one => one.Result == AuthResult.Pass).ThenByDescending(one => one.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase)).FirstOrDefault();
        return new Arrival(came.Client.ToString(), Cut(came.Hello), came.IsTls, verdicts.Spf?.Result.Word() ?? "none", Cut(verdicts.Spf?.Reason ?? ""),
            dkim?.Result.Word() ?? "none", Cut(dkim?.Reason ?? "The message carries no signature."), verdicts.Dmarc.Result.Word(), Cut(verdicts.Dmarc.Reason));
    }

    static string Advice(Arrival seen) => seen.IsAuthenticated ? ""
        : Cut("It arrived, but receivers will not trust it: " + string.Join(" ", new (string Name, string Word, string Why)[] { ("SPF", seen.Spf, seen.SpfReason), ("DKIM", seen.Dkim, seen.DkimReason), ("DMARC", seen.Dmarc, seen.DmarcReason) }
            .Where(one => one.Word != "pass").Select(one => $"{one.Name} {one.Word}: {one.Why}")) + " Check the domain's records; a change takes some minutes to be seen.");

    static string Cut(string text) => text.Length <= ReasonLengthMax ? text.Replace("\0", "", StringComparison.Ordinal) : text[..ReasonLengthMax];
}
