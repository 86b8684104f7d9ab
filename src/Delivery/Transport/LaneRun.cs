using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Conversations;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Direct;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Secrets;
using DkimKey = PenguinMails.Mail.Auth.DkimKey;

namespace PenguinMails.Delivery.Transport;

/// <summary>Serves one mailbox while its lease is held: claims what is due within cap and gap, sends it, writes what became of it.</summary>
sealed class LaneRun(
    Lane lane, TenantDb db, MailboxSecrets secrets, SealedBox box, Outbound outbound, DirectReach reach, RenderMessage render, DeliveryOptions options, TimeProvider clock, ILogger log)
{
    internal const string Closed = "secret_unavailable";

    static readonly TimeSpan FailureDelayMax = TimeSpan.FromHours(1);

    static readonly TimeSpan Stretch = TimeSpan.FromSeconds(15); // As long as what is known of the mailbox holds; then others have their turn.

    static readonly TimeSpan AskAgain = TimeSpan.FromHours(1); // Whoever lifts a stop wakes the lane; this is for what nobody told.

    string _trouble = "";
    string _held = "";
    TimeSpan Lease => TimeSpan.FromSeconds(options.LeaseSeconds);

    /// <param name="ct">Stops taking messages; what is under way is finished.</param>
    public async Task Run(CancellationToken ct)
    {
        var notBefore = clock.GetUtcNow();
        try
        {
            await ClaimMessages.SettleLost(lane, db, options.JournalFolder, notBefore, ct);
            if (!options.Pool.IsOn) await Converse.SilenceLane(db, lane.Tenant, lane.Mailbox.Value, notBefore, ct);
            notBefore = await Serve(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The lease is given back below, so that the next start need not wait for it.
        }

        var failures = _trouble.Length > 0 ? lane.Failures + 1 : 0;
        if (failures > 0) log.LaneInTrouble(lane.Mailbox.Value, _trouble, failures);
        var now = clock.GetUtcNow();
        await Lanes.Release(db, lane, failures > 0 ? now + FailureDelay(failures) : notBefore, failures, _trouble, _held, now, CancellationToken.None);
    }

    /// <returns>The earliest moment the lane may be served again.</returns>
    async Task<DateTimeOffset> Serve(CancellationToken ct)
    {
        var until = clock.GetUtcNow() + Stretch;
        if (await Facts(ct) is not { } facts) return Never;
        if (Checklist.Decide(facts.Sender, null, clock.GetUtcNow()) is { IsGo: false } no) return Hold(no);
        if (await Open(ct) is not { IsActive: true } sender) return Never;
        using var dkim = sender.Dkim is { } key ? DkimKey.FromPem(DomainName.Parse(key.Domain), key.Selector, key.PrivateKeyPem) : null;
        var ledger = new LaneLedger(lane, db, clock, facts);
        var made = new LaneRender(lane, sender, dkim, db, render);
        ILaneWire wire = sender.Direct is { } route
            ? new DirectWire(route, facts.Routes, reach, db, options, clock)
            : new LaneWire(lane, sender, facts.Routes, secrets, outbound, options, clock);
        // One for the whole run: while it goes on, what it wrote first may still be lost with the database.
        using var journal = LaneJournal.Open(options.JournalFolder, lane.Mailbox, lane.Token);
        var isSpent = false;
        while (!isSpent && _trouble.Length == 0 && clock.GetUtcNow() < until)
        {
            var feed = new LaneFeed(lane, facts, ledger, db, clock, until);
            // Straight to the recipients' servers each has its own number of connections, which DirectWire keeps.
            var most = sender.Direct is null ? Math.Min(sender.ConnectionsMax, facts.Routes.ConnectionsMax(clock.GetUtcNow())) : sender.ConnectionsMax;
            if (await feed.Find(most, ct) is > 0 and var connections) await Send(new LaneGate(feed, ledger, connections, made, journal, clock), connections, wire, ct);
            isSpent = feed.IsSpent;
            if (feed.First is null) break;
            if (!isSpent && !await Lanes.Renew(db, lane, Lease, clock.GetUtcNow(), ct)) return clock.GetUtcNow();
        }

        journal?.Remove();
        if (!isSpent) return clock.GetUtcNow(); // Whether it may go on is asked when something is due.
        return await Facts(ct) is { } after && Checklist.Decide(after.Sender, null, clock.GetUtcNow()) is { IsGo: false } spent ? Hold(spent) : clock.GetUtcNow();
    }

    static DateTimeOffset Never => DateTimeOffset.MaxValue.AddDays(-1);

    async Task<LaneFacts?> Facts(CancellationToken ct)
    {
        await using var tx = await db.Begin(lane.Tenant, ct);
        return await LaneFacts.Read(tx, lane.Mailbox.Value, isServing: true, clock.GetUtcNow(), ct);
    }

    DateTimeOffset Hold(Decision no)
    {
        _held = no.Code;
        return no.Until ?? clock.GetUtcNow() + AskAgain;
    }

    // A store that is sealed or away is trouble of this mailbox, and so is a provider that gives no access token now: it is tried again later, and nothing is lost.
    // One whose consent is lost waits like a paused one, until it is connected again.
    async Task<Sender?> Open(CancellationToken ct)
    {
        var opened = await ReadSender.ForLane(lane.Tenant, lane.Mailbox, secrets, box, db, ct);
        if (opened.Problem is { Code: not ("mailbox.not_found" or "mailbox.consent_lost") }) _trouble = Closed;
        return opened.Match<Sender?>(sender => sender, _ => null);
    }

    async Task Send(LaneGate gate, int connections, ILaneWire wire, CancellationToken ct)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = KeepLease(held);
        try
        {
            var sending = Task.WhenAll(Enumerable.Range(0, connections).Select(_ => wire.Drain(gate, held.Token)));
            await Task.WhenAll(gate.Run(sending, held.Token), sending);
        }
        finally
        {
            await held.CancelAsync();
            await renewing;
            _trouble = wire.Trouble;
        }
    }

    /// <summary>Renews until told to stop; once another process holds the lane, tells the others to stop.</summary>
    async Task KeepLease(CancellationTokenSource held)
    {
        try
        {
            do await Task.Delay(Lease / 3, clock, held.Token);
            while (await Renewed(held.Token));
            await held.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // All is sent, or the program stops.
        }
    }

    async Task<bool> Renewed(CancellationToken ct)
    {
        try
        {
            return await Lanes.Renew(db, lane, Lease, clock.GetUtcNow(), ct);
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.LeaseNotRenewed(lost, lane.Mailbox.Value); // Tried again; the gate refuses once the lease is over.
            return true;
        }
    }

    static TimeSpan FailureDelay(int failures) => TimeSpan.FromSeconds(Math.Min(FailureDelayMax.TotalSeconds, 5 * Math.Pow(2, Math.Min(failures, 12) - 1)));
}
