using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes.Sharing;
using PenguinMails.Mail.Imap;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Replies;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>A message as it lies in a mailbox.</summary>
/// <param name="Excerpt">The writer's new words, at most 500 characters.</param>
/// <param name="AuthenticationResults">What the server that took it says of its origin (RFC 8601); empty when it says nothing.</param>
public sealed record PeekedMail(uint Uid, DateTimeOffset? ReceivedAt, string From, string Subject, string Excerpt, string AuthenticationResults);

/// <summary>The newest messages of a mailbox's inbox, read over IMAP now; also one of another workspace that shares it for reading. Marks nothing as seen.</summary>
/// <remarks>Takes 60 s at the most. Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c>, <c>mailbox.no_imap</c>, <c>mailbox.unreachable</c>, <c>mailbox.consent_lost</c>, as <see cref="Oauth.AccessTokens"/>, or as the secret store does.</remarks>
public static class PeekMailbox
{
    const int LimitMax = 50;
    const int LimitUsual = 20;
    const uint OctetsMax = 64 * 1024; // Of each message; enough for headers and the words of an answer.
    const int ExcerptLengthMax = 500;
    static readonly TimeSpan Whole = TimeSpan.FromSeconds(60), Step = TimeSpan.FromSeconds(15);

    /// <param name="limit">1 to 50; default 20.</param>
    public static async Task<Result<IReadOnlyList<PeekedMail>>> Handle(
        Actor actor, MailboxId id, int? limit, TenantDb db, MailboxSecrets secrets, string source, Outbound outbound, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        WorkspaceId? owner;
        await using (var tx = await db.Begin(actor.Tenant, ct)) owner = await ListShares.OwnerForReading(tx, workspace, id, ct);
        if (owner is not { } known) return ListMailboxes.NotFound;
        var access = new SecretAccess(actor, "looking into the mailbox", source);
        var opened = await OpenMailbox.Imap(access, known, id, db, secrets, ct);
        if (opened.Problem is { } refused) return refused;
        using var whole = new CancellationTokenSource(Whole, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(whole.Token, ct);
        try
        {
            var opening = await OpenMailbox.Connect(access, opened.Value, Step, secrets, outbound, clock, either.Token);
            return opening.Problem is { } lost ? lost : await Look(opened.Value.Server, opening.Value, Math.Clamp(limit ?? LimitUsual, 1, LimitMax), either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Unreachable(opened.Value.Server, $"it took longer than {Whole.TotalSeconds:0} s");
        }
        catch (OutboundRefused forbidden)
        {
            return Unreachable(opened.Value.Server, forbidden.Message);
        }
    }

    static async Task<Result<IReadOnlyList<PeekedMail>>> Look(ServerSettings server, ImapOpening opening, int limit, CancellationToken ct)
    {
        if (opening.Connection is not { } connection) return Unreachable(server, opening.Outcome.Text);
        await using var _ = connection;
        var selected = await connection.Select("INBOX", readOnly: true, null, ct);
        if (selected.Value is null) return Unreachable(server, selected.Outcome.Text);
        var found = await connection.Search(ImapCriteria.All, ct);
        if (found.Value is not { } uids) return Unreachable(server, found.Outcome.Text);
        var newest = uids.Uids.OrderDescending().Take(limit).ToList();
        var mails = new List<PeekedMail>();
        if (newest.Count > 0)
        {
            var outcome = await connection.Fetch(ImapUidSet.Of(newest), new ImapFetch { InternalDate = true, Sections = [ImapSection.Whole.Stretch(0, OctetsMax)] }, (fetched, _) =>
            {
                if (fetched.Contents is [var content, ..]) mails.Add(Read(fetched, content.Octets));
                return ValueTask.CompletedTask;
            }, ct);
            if (outcome.Kind != ImapKind.Works) return Unreachable(server, outcome.Text);
        }

        await connection.LogOut(ct);
        return Result<IReadOnlyList<PeekedMail>>.Of([.. mails.OrderByDescending(mail => mail.Uid)]);
    }

    static PeekedMail Read(ImapFetched fetched, ReadOnlyMemory<byte> octets)
    {
        var message = MimeMessage.Read(octets, new MimeLimits());
        var text = IncomingReply.Read(message.Root).Text;
        return new PeekedMail(fetched.Uid, fetched.InternalDate, message.From.Count > 0 ? message.From[0].Address ?? "" : "", message.Subject ?? "",
            text.Length <= ExcerptLengthMax ? text : text[..ExcerptLengthMax], message.Root.Header("Authentication-Results") ?? "");
    }

    static Problem Unreachable(ServerSettings server, string what) =>
        new(ProblemKind.Unavailable, "mailbox.unreachable", $"{server.Host} does not show the mailbox: {what}. Test the connection; the test says what to do.");

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/mailboxes/{id}/inbox",
        async (HttpContext http, Actor actor, MailboxId id, int? limit, TenantDb db, MailboxSecrets secrets, Outbound outbound, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, limit, db, secrets, SecretAccess.Of(http), outbound, clock, ct)).ToHttp());
}
