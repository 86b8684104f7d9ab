using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Imap;

namespace PenguinMails.Delivery.Collect;

/// <summary>One holding of one mailbox: connects, takes over what is new in INBOX and Junk, and waits for more while there is room to wait.</summary>
/// <param name="pool">Null: as if the platform did not offer it.</param>
/// <param name="waiting">Places for connections that wait; without one it looks once and comes again later.</param>
sealed class CollectRun(
    Collection held, TenantDb db, MailboxSecrets secrets, Outbound outbound, CollectOptions options, SemaphoreSlim waiting, TimeProvider clock, ILogger log, PoolOptions? pool = null)
{
    // Junk brings no news while INBOX is waited for, so both are looked at this often.
    static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(3);

    bool _hasLooked;

    TimeSpan Lease => TimeSpan.FromSeconds(options.LeaseSeconds);

    public async Task Run(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var keeper = KeepLease(stop);
        var trouble = "";
        try
        {
            trouble = await Connect(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            trouble = ""; // The program stops, or the mailbox is paused, removed or another's: who comes next goes on where this ended.
        }
        catch (OutboundRefused)
        {
            trouble = "collect.host_refused";
        }
        finally
        {
            await stop.CancelAsync();
            await keeper;
        }

        var failures = trouble.Length == 0 ? 0 : _hasLooked ? 1 : held.Failures + 1;
        var next = trouble.Length == 0 ? TimeSpan.FromSeconds(options.PollSeconds) : Collections.BackOff(failures, held.Mailbox.Value);
        if (ct.IsCancellationRequested) next = TimeSpan.Zero;
        if (trouble.Length > 0) log.CollectionInTrouble(held.Mailbox.Value, trouble, failures);
        await Collections.Release(db, held, clock.GetUtcNow() + next, failures, trouble, CancellationToken.None);
    }

    /// <returns>Code of what went wrong; empty when nothing did.</returns>
    async Task<string> Connect(CancellationToken ct)
    {
        var opened = await OpenCollection.Handle(held.Tenant, held.Mailbox, Math.Max(options.MessageBytesMax, 64 << 10), db, secrets, outbound, clock, ct);
        if (opened.Problem is { } problem) return problem.Code;
        if (opened.Value.Connection is not { } connection) return opened.Value switch { { Outcome.Stage: not ImapStage.Auth } => "collect.unreachable", { IsToken: true } => "collect.token_refused", _ => "collect.log_in_refused" };
        await using var _ = connection;
        var trouble = await Rounds(connection, new CollectFolder(held, opened.Value.Place, db, options, clock, pool), new FileAway(held, db, pool ?? new(), clock), ct);
        if (trouble.Length == 0) await connection.LogOut(ct);
        return trouble;
    }

    async Task<string> Rounds(ImapConnection connection, CollectFolder folders, FileAway filing, CancellationToken ct)
    {
        var listed = await connection.List(ct);
        if (listed.Value is not { } all) return "collect.unreachable";
        var names = CollectedFolders.Of(all);
        var hasPlace = false;
        try
        {
            while (true)
            {
                foreach (var name in names)
                    if (!await folders.Sync(connection, name, ct) || !await filing.Run(connection, name, all, ct)) return connection.IsOpen ? "collect.folder_refused" : "collect.connection_lost";
                _hasLooked = await Collections.Looked(db, held, clock.GetUtcNow(), ct);
                hasPlace = hasPlace || await waiting.WaitAsync(TimeSpan.Zero, ct);
                if (!hasPlace) return "";
                if (filing.HasFiled) continue;
                // INBOX was the last and is still selected. What came while it was looked at is told now, what comes from here on by IDLE.
                if ((await connection.Noop(ct)).Value is not { } news) return "collect.connection_lost";
                if (!news.Any(change => change.Kind == ImapChangeKind.Exists) && (await connection.Idle(WaitMax, ct)).Value is null) return "collect.connection_lost";
            }
        }
        finally
        {
            if (hasPlace) waiting.Release();
        }
    }

    async Task KeepLease(CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Lease / 3, clock, stop.Token);
                if (await Collections.Renew(db, held, Lease, clock.GetUtcNow(), stop.Token)) continue;
                await stop.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The run ended.
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.CollectorDatabaseLost(lost);
            await stop.CancelAsync();
        }
    }
}

/// <summary>Which folders of a mailbox are looked into.</summary>
static class CollectedFolders
{
    const int JunkMax = 2;

    static readonly string[] JunkNames = ["Junk", "Spam", "Junk Email", "Junk E-mail", "Bulk Mail"];

    /// <summary>RFC 9051 5.1: INBOX in any case.</summary>
    public static bool IsInbox(string folder) => folder.Equals("INBOX", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the server calls junk (RFC 6154), or where it says nothing of uses, what is named so; INBOX last, since it is waited in.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<ImapListed> all)
    {
        var open = all.Where(folder => folder.IsSelectable).ToList();
        var junk = open.Where(folder => folder.Use == "Junk").ToList();
        if (junk.Count == 0) junk = open.FindAll(folder => JunkNames.Contains(folder.Name, StringComparer.OrdinalIgnoreCase));
        return [.. junk.Select(folder => folder.Name).Where(name => !IsInbox(name)).Take(JunkMax), "INBOX"];
    }
}
