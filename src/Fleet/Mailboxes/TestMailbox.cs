using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

public enum TestState { Ok, Failed, Skipped }

/// <summary>One step of a connection test.</summary>
/// <param name="Name">connect, greeting, tls, log_in or folders.</param>
/// <param name="Detail">What to do, in a sentence, where it failed; else empty.</param>
public sealed record TestStep(string Name, TestState State, string Detail);

/// <summary>A line of the conversation; passwords are replaced before it gets here.</summary>
/// <param name="AtMs">Milliseconds since the first line.</param>
public sealed record TestLine(long AtMs, bool IsClient, string Text);

/// <param name="Steps">In the order they were taken.</param>
/// <param name="Dialogue">At most 200 lines.</param>
public sealed record ServerTest(string Host, int Port, bool Ok, IReadOnlyList<TestStep> Steps, IReadOnlyList<TestLine> Dialogue);

/// <summary>What a connection test found.</summary>
/// <param name="Imap">Null when the mailbox has no IMAP server.</param>
public sealed record MailboxTest(bool Ok, ServerTest Smtp, ServerTest? Imap, DateTimeOffset TestedAt);

/// <summary>Logs in to a mailbox's servers as sending would, and says what to do where that fails. Sends no mail; keeps the newest report.</summary>
/// <remarks>Takes 15 s per step and 60 s per server at the most. Whatever a server does is a report.
/// Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c> or, for the last report, <c>mailbox.not_tested</c>.</remarks>
public static class TestMailbox
{
    internal const int StepSeconds = 15;
    internal const int WholeSeconds = 60;

    const string Save = "update fleet.mailbox set tested_at = $3, test_ok = $4, test_report = $5 where tenant_id = $1 and id = $2";

    const string SelectReport = "select test_report::text from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3";

    public static async Task<Result<MailboxTest>> Handle(
        Actor actor, MailboxId id, TenantDb db, MailboxSecrets secrets, string source, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var access = new SecretAccess(actor, "connection test", source);
        var opened = await OpenMailbox.Both(access, workspace, id, db, secrets, ct);
        if (opened.Problem is { } problem) return problem;
        var test = await Run(opened.Value, outbound, hosts, clock, ct);
        if (IsTokenRefused(opened.Value, test))
        {
            var renewed = await OpenMailbox.Renew(access, opened.Value, secrets, ct);
            if (renewed.Problem is { } lost) return lost;
            test = await Run(renewed.Value, outbound, hosts, clock, ct);
        }

        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Save, ct, actor.Tenant, id, test.TestedAt, test.Ok, Jsonb.Of(test)) == 0) return ListMailboxes.NotFound;
        await tx.Commit(ct);
        return test;
    }

    static async Task<MailboxTest> Run(OpenMailbox.Opened mailbox, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        var smtp = Limited(mailbox.Smtp, (watch, limited) => Smtp(mailbox, hosts, watch, clock, limited), outbound, clock, ct);
        var imap = mailbox.Imap is { } server ? Limited(server, (watch, limited) => Imap(mailbox, server, watch, clock, limited), outbound, clock, ct) : null;
        var (smtpTest, imapTest) = (await smtp, imap is null ? null : await imap);
        return new MailboxTest(smtpTest.Ok && imapTest?.Ok != false, smtpTest, imapTest, clock.GetUtcNow());
    }

    static bool IsTokenRefused(OpenMailbox.Opened mailbox, MailboxTest test) => mailbox.LogIn.IsToken
        && new[] { test.Smtp, test.Imap }.Any(server => server?.Steps.Any(step => step is { Name: TestAdvice.LogIn, State: TestState.Failed }) == true);

    /// <summary>The newest report.</summary>
    public static async Task<Result<MailboxTest>> Last(Actor actor, MailboxId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.List(SelectReport, row => row.Text(0), ct, actor.Tenant, workspace, id);
        if (found.Count == 0) return ListMailboxes.NotFound;
        return found[0] is { } report ? Json.Read<MailboxTest>(report) : new Problem(ProblemKind.NotFound, "mailbox.not_tested", "This mailbox has not been tested since it was connected or changed.");
    }

    /// <summary>Remembers whether the guard of outgoing connections said no: its words are the advice then.</summary>
    sealed class Watch(Outbound outbound)
    {
        public bool IsForbidden { get; private set; }

        public async ValueTask<System.Net.Sockets.Socket> Connect(DnsEndPoint host, CancellationToken ct)
        {
            try
            {
                return await outbound.Connect(host, ct);
            }
            catch (OutboundRefused)
            {
                IsForbidden = true;
                throw;
            }
        }
    }

    static async Task<ServerTest> Limited(ServerSettings server, Func<Watch, CancellationToken, Task<ServerTest>> run, Outbound outbound, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(WholeSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await run(new Watch(outbound), either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new ServerTest(server.Host, server.Port, false, TestAdvice.TooSlow(server), []);
        }
    }

    static async Task<ServerTest> Smtp(OpenMailbox.Opened mailbox, PlatformHosts hosts, Watch watch, TimeProvider clock, CancellationToken ct)
    {
        var server = mailbox.Smtp;
        var settings = new SmtpClientOptions
        {
            Server = new DnsEndPoint(server.Host, server.Port), EhloName = hosts.Mail, Tls = Policy(server.Security),
            Credentials = mailbox.LogIn, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(StepSeconds)), KeepDialogue = true,
        };
        var opening = await SmtpConnection.Open(settings, watch.Connect, clock, ct);
        if (opening.Connection is { } connection) await connection.Quit(ct);
        var steps = TestAdvice.Smtp(server, mailbox.Auth, opening.Refusal, watch.IsForbidden);
        return new ServerTest(server.Host, server.Port, opening.Refusal is null, steps, Lines(opening.Dialogue));
    }

    static async Task<ServerTest> Imap(OpenMailbox.Opened mailbox, ServerSettings server, Watch watch, TimeProvider clock, CancellationToken ct)
    {
        var test = await ImapTest.Run(OpenMailbox.ImapSettings(server, mailbox.ImapLogIn ?? mailbox.LogIn), watch.Connect, clock, ct);
        return new ServerTest(server.Host, server.Port, test.Outcome.Kind == ImapKind.Works, TestAdvice.Imap(server, mailbox.Auth, test.Outcome, watch.IsForbidden), Lines(test.Dialogue));
    }

    internal static TlsPolicy Policy(ConnectionSecurity security) => security switch
    {
        ConnectionSecurity.None => TlsPolicy.None,
        ConnectionSecurity.Starttls => TlsPolicy.Required,
        ConnectionSecurity.Tls => TlsPolicy.Implicit,
    };

    static List<TestLine> Lines(SmtpDialogue? dialogue) => [.. (dialogue?.Lines ?? []).Select(line => new TestLine((long)line.At.TotalMilliseconds, line.IsClient, line.Text))];

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/mailboxes/{id}/test", async (HttpContext http, Actor actor, MailboxId id, TenantDb db, MailboxSecrets secrets, Outbound outbound, PlatformHosts hosts, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, db, secrets, SecretAccess.Of(http), outbound, hosts, clock, ct)).ToHttp());
        api.MapGet("/mailboxes/{id}/test", async (Actor actor, MailboxId id, TenantDb db, CancellationToken ct) => (await Last(actor, id, db, ct)).ToHttp());
    }
}
