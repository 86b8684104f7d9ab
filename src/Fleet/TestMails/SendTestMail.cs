using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.TestMails;

/// <summary>Sends one message from a mailbox to this installation, signed and addressed as a campaign's would be. The edge judges it when it arrives: SPF, DKIM, DMARC, TLS.</summary>
/// <remarks>Ends within 60 s. A server that refuses is a state of the test mail, not a problem. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c>,
/// <c>mailbox.paused</c>, <c>mailbox.consent_lost</c>, as <see cref="Mailboxes.Oauth.AccessTokens"/>, or as the secret store does.</remarks>
public static class SendTestMail
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(20);

    const string Insert = "insert into fleet.test_mail (tenant_id, id, mailbox_id, token_hash, state, sent_at) values ($1, $2, $3, $4, 'sending', $5)";

    // It may have arrived, or come back, before the server's word is written here.
    const string Save = "update fleet.test_mail set state = case when state = 'sending' then $3 else state end, problem = case when state = 'sending' then $4 else problem end, smtp_text = $5 where tenant_id = $1 and id = $2";

    public static async Task<Result<TestMail>> Handle(
        Actor actor, MailboxId id, TenantDb db, MailboxSecrets secrets, SealedBox box, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var opened = await ReadSender.Handle(actor.Tenant, id, secrets, box, db, ct);
        if (opened.Problem is { } refused) return refused;
        var sender = opened.Value;
        if (sender.Workspace != workspace) return ListMailboxes.NotFound;
        if (!sender.IsActive) return new Problem(ProblemKind.Conflict, "mailbox.paused", $"{sender.Address} is paused. Resume it, then send the test mail.");

        var (local, now) = (TestAddress.New(actor.Tenant), clock.GetUtcNow());
        TestAddress.TryRead(local, out _, out var hash);
        var mail = TypedId.New<TestMailId>(now);
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await tx.Execute(Insert, ct, actor.Tenant, mail, id, hash, now);
            await tx.Append(actor, "mailbox.test_mail_sent", id.ToString(), new { mail }, now, ct);
            await tx.Commit(ct);
        }

        var outcome = await Send(actor.Tenant, sender, local, secrets, outbound, hosts, clock, ct);
        var hasIt = outcome.Kind is SmtpKind.Accepted or SmtpKind.InDoubt;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            await tx.Execute(Save, ct, actor.Tenant, mail, hasIt ? "sent" : "refused", hasIt ? "" : Advice(sender, outcome), $"{(outcome.Code > 0 ? $"{outcome.Code} " : "")}{outcome.Text}");
            await tx.Commit(ct);
        }

        return await ReadTestMail.Handle(actor, id, mail, db, ct);
    }

    static string Advice(Sender sender, SmtpOutcome outcome) =>
        $"{sender.Smtp.Host} did not take the message at {outcome.Stage.ToString().ToLowerInvariant()}: {outcome.Text} Test the mailbox's connection; it says what to do at each step.";

    static async Task<SmtpOutcome> Send(TenantId tenant, Sender sender, string local, MailboxSecrets secrets, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var (message, envelope) = Compose(sender, local, hosts, clock.GetUtcNow());
            var bytes = MessageWriter.Write(message);
            using var dkim = sender.Dkim is { } key ? Mail.Auth.DkimKey.FromPem(DomainName.Parse(key.Domain), key.Selector, key.PrivateKeyPem) : null;
            var opened = await ConnectSender.Handle(tenant, sender, Settings(sender, hosts), secrets, outbound.Connect, clock, either.Token);
            if (opened.Problem is { } none) return new SmtpOutcome(SmtpStage.Auth, SmtpKind.ConnectionLostBeforeData, 0, null, none.Detail);
            var opening = opened.Value;
            if (opening.Connection is not { } connection) return opening.Refusal ?? throw new InvalidOperationException("Neither a connection nor a refusal.");
            await using var _ = connection;
            var outcome = await connection.Send(envelope, dkim?.Sign(bytes, message.Date) ?? bytes, _ => ValueTask.FromResult(true), either.Token);
            await connection.Quit(either.Token);
            return outcome;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new SmtpOutcome(SmtpStage.Connect, SmtpKind.ConnectionLostBeforeData, 0, null, $"Nothing came of it within {Limit.TotalSeconds:0} s.");
        }
    }

    static (OutgoingMessage Message, SmtpEnvelope Envelope) Compose(Sender sender, string local, PlatformHosts hosts, DateTimeOffset now)
    {
        var (from, to) = (EmailAddress.Parse(sender.Address), EmailAddress.Parse($"{local}@{hosts.Mail}"));
        var message = new OutgoingMessage
        {
            From = new Mail.Addresses.Mailbox(from, HeaderText.Create(sender.DisplayName)),
            To = [new Mail.Addresses.Mailbox(to)],
            Subject = HeaderText.Create("Does this mailbox send as it should?"),
            Date = now,
            MessageId = MessageId.Parse($"{Guid.CreateVersion7(now):N}@{from.Domain.Ascii}"),
            Text = "This message was sent to the installation itself, which looks at it as a receiver would.\n",
        };
        // A bounce comes back to the same token.
        return (message, new SmtpEnvelope(sender.ReturnPathHost is { } bounces ? EmailAddress.Parse($"{local}@{bounces}") : from, to) { HasUtf8Headers = message.NeedsSmtpUtf8 });
    }

    static SmtpClientOptions Settings(Sender sender, PlatformHosts hosts) => new()
    {
        Server = new DnsEndPoint(sender.Smtp.Host, sender.Smtp.Port), EhloName = hosts.Mail, Timeouts = SmtpTimeouts.AtMost(StepLimit),
        Tls = TestMailbox.Policy(sender.Smtp.Security),
    };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailboxes/{id}/test-mails",
        async (Actor actor, MailboxId id, TenantDb db, MailboxSecrets secrets, SealedBox box, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, db, secrets, box, outbound, hosts, clock, ct)).ToHttp(mail => TypedResults.Created($"/api/v1/mailboxes/{id}/test-mails/{mail.Id}", mail)));
}
