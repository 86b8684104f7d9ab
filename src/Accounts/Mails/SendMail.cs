using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Accounts.Mails;

/// <summary>Sends mail of the program's own as a durable job. The text, with its link, is kept only until the server has it or refuses it for good.</summary>
static class SendMail
{
    public const string Kind = "accounts.send_mail";
    const int AttemptsMax = 8; // 2 s to 4 min apart: about eight minutes of trying; a link that comes later has lost its reader.

    const string Insert = """
        insert into accounts.system_mail (tenant_id, id, recipient, subject, body, html, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """;

    const string Select = "select recipient, subject, body, html, created_at from accounts.system_mail where tenant_id = $1 and id = $2";

    const string Delete = "delete from accounts.system_mail where tenant_id = $1 and id = $2";

    public sealed record Order(Guid MailId);

    sealed record Waiting(string Recipient, string Subject, string Text, string? Html, DateTimeOffset CreatedAt);

    public static async Task Within(TenantTx tx, string recipient, Letter letter, DateTimeOffset now, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(now);
        await tx.Execute(Insert, ct, tx.Tenant, id, recipient, letter.Subject, letter.Text, letter.Html, now);
        await tx.Enqueue(new JobOrder<Order>(Kind, new Order(id)) { Priority = 1, AttemptsMax = AttemptsMax }, now, ct);
    }

    public static async Task Run(Order order, JobRun run, CancellationToken ct)
    {
        if (await Find(run, order, ct) is not { } mail) return;
        var isLast = run.Attempt >= AttemptsMax;
        var settings = run.Need<SystemMail>();
        if (settings.Host.Length == 0)
        {
            if (isLast) await Forget(run, order, ct);
            throw new InvalidOperationException("No server for mail of the program's own. Set PENGUIN__SYSTEMMAIL__HOST and PENGUIN__SYSTEMMAIL__FROM.");
        }

        var outcome = await Deliver(mail, settings, run, ct);
        // In doubt counts as sent: a second copy of a link helps nobody, and a new link can be asked for.
        var mayTryAgain = outcome.Kind is SmtpKind.TransientRefusal or SmtpKind.ConnectionLostBeforeData or SmtpKind.Unsupported;
        if (!mayTryAgain || isLast) await Forget(run, order, ct);
        if (outcome.Kind is SmtpKind.Accepted) return;
        run.Need<ILoggerFactory>().CreateLogger(Kind).SystemMailRefused(order.MailId, outcome.Stage, outcome.Kind, outcome.Code);
        if (mayTryAgain) throw new IOException($"The mail server did not take the mail: {outcome.Stage}, {outcome.Kind}, {outcome.Code}.");
    }

    static async Task<SmtpOutcome> Deliver(Waiting mail, SystemMail settings, JobRun run, CancellationToken ct)
    {
        var from = EmailAddress.Parse(settings.From);
        var to = EmailAddress.Parse(mail.Recipient);
        var message = new OutgoingMessage
        {
            From = new Mailbox(from, HeaderText.Create("PenguinMails")),
            To = [new Mailbox(to)],
            Subject = HeaderText.Create(mail.Subject),
            Date = mail.CreatedAt,
            MessageId = MessageId.Create(from.Domain, bits => RandomNumberGenerator.Fill(bits)),
            Text = mail.Text,
            Html = mail.Html,
        };
        var options = new SmtpClientOptions
        {
            Server = new DnsEndPoint(settings.Host, settings.Port),
            EhloName = from.Domain.Ascii,
            Tls = settings.Security,
            Credentials = settings.User.Length == 0 ? null : new SmtpCredentials(settings.User, settings.Secret, IsToken: false),
            Timeouts = SmtpTimeouts.AtMost(settings.Timeout),
        };
        var opening = await SmtpConnection.Open(options, run.Need<Outbound>().Connect, run.Need<TimeProvider>(), ct);
        if (opening.Connection is not { } connection)
            return opening.Refusal ?? throw new InvalidOperationException("Neither a connection nor a refusal.");
        await using (connection)
        {
            var outcome = await connection.Send(new SmtpEnvelope(from, to) { HasUtf8Headers = message.NeedsSmtpUtf8 }, MessageWriter.Write(message), null, ct);
            await connection.Quit(ct);
            return outcome;
        }
    }

    static async Task<Waiting?> Find(JobRun run, Order order, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        return await tx.Maybe(Select, row => new Waiting(row.GetString(0), row.GetString(1), row.GetString(2), row.Text(3), row.GetFieldValue<DateTimeOffset>(4)), ct, run.Tenant, order.MailId);
    }

    static async Task Forget(JobRun run, Order order, CancellationToken ct)
    {
        await using var tx = await run.Db.Begin(run.Tenant, ct);
        await tx.Execute(Delete, ct, run.Tenant, order.MailId);
        await tx.Commit(ct);
    }
}
