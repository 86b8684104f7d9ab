using System.Net;
using Microsoft.Extensions.Logging;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets;
using DkimKey = PenguinMails.Mail.Auth.DkimKey;

namespace PenguinMails.Delivery.Transport;

/// <summary>Serves one mailbox while its lease is held: claims what is due within cap and gap, sends it, writes what became of it.</summary>
sealed class LaneRun(
    Lane lane, TenantDb db, MailboxSecrets secrets, SealedBox box, Outbound outbound, RenderMessage render, DeliveryOptions options, TimeProvider clock, ILogger log)
{
    const string Closed = "secret_unavailable";
    const int LossesMax = 3; // Connections in a row that were lost before the server answers to DATA.

    static readonly TimeSpan FailureDelayMax = TimeSpan.FromHours(1);

    readonly LaneLedger _ledger = new(lane, db, clock);
    string _trouble = "";
    TimeSpan Lease => TimeSpan.FromSeconds(options.LeaseSeconds);

    /// <param name="ct">Stops taking messages; what is under way is finished.</param>
    public async Task Run(CancellationToken ct)
    {
        var notBefore = clock.GetUtcNow();
        try
        {
            await ClaimMessages.SettleLost(lane, db, notBefore, ct);
            notBefore = await Serve(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The lease is given back below, so that the next start need not wait for it.
        }

        var failures = _trouble.Length > 0 ? lane.Failures + 1 : 0;
        if (failures > 0) log.LaneInTrouble(lane.Mailbox.Value, _trouble, failures);
        await Lanes.Release(db, lane, failures > 0 ? clock.GetUtcNow() + FailureDelay(failures) : notBefore, failures, _trouble, CancellationToken.None);
    }

    /// <returns>The earliest moment the lane may be served again.</returns>
    async Task<DateTimeOffset> Serve(CancellationToken ct)
    {
        if (await Open(ct) is not { IsActive: true } sender) return DateTimeOffset.MaxValue.AddDays(-1);
        using var dkim = sender.Dkim is { } key ? DkimKey.FromPem(DomainName.Parse(key.Domain), key.Selector, key.PrivateKeyPem) : null;
        var used = await ClaimMessages.Used(lane, db, clock.GetUtcNow(), ct);
        while (_trouble.Length == 0)
        {
            var feed = new LaneFeed(lane, sender, used, _ledger, db, clock);
            if (await feed.Find(sender.ConnectionsMax, ct) is > 0 and var connections) await Send(feed, connections, sender, dkim, ct);
            if (sender.GapSeconds > 0 && feed.First is { } first) return clock.GetUtcNow() + Gap(sender, first);
            if (feed.IsSpent) return (used.Oldest ?? clock.GetUtcNow()).AddHours(24);
            if (feed.First is null || !await Lanes.Renew(db, lane, Lease, clock.GetUtcNow(), ct)) break;
        }

        return clock.GetUtcNow();
    }

    // A store that is sealed or away is trouble of this mailbox, and so is a provider that gives no access token now: it is tried again later, and nothing is lost.
    // One whose consent is lost waits like a paused one, until it is connected again.
    async Task<Sender?> Open(CancellationToken ct)
    {
        var opened = await ReadSender.Handle(lane.Tenant, lane.Mailbox, secrets, box, db, ct);
        if (opened.Problem is { Code: not ("mailbox.not_found" or "mailbox.consent_lost") }) _trouble = Closed;
        return opened.Match<Sender?>(sender => sender, _ => null);
    }

    async Task Send(LaneFeed feed, int connections, Sender sender, DkimKey? dkim, CancellationToken ct)
    {
        var gate = new LaneGate(feed, _ledger, connections, clock);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = KeepLease(held);
        try
        {
            var sending = Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Drain(gate, sender, dkim, held.Token)));
            await Task.WhenAll(gate.Run(sending, held.Token), sending);
        }
        finally
        {
            await held.CancelAsync();
            await renewing;
        }
    }

    async Task Drain(LaneGate gate, Sender sender, DkimKey? dkim, CancellationToken ct)
    {
        var losses = 0;
        var isFed = true;
        while (isFed && losses < LossesMax && _trouble.Length == 0 && !ct.IsCancellationRequested)
        {
            var opened = await ConnectSender.Handle(lane.Tenant, sender, Settings(sender), secrets, outbound.Connect, clock, ct);
            if (opened.Match(opening => opening.Connection, _ => null) is not { } connection)
            {
                _trouble = opened.Match(opening => Trouble(opening.Refusal), _ => Closed);
                return;
            }

            await using var _ = connection;
            while (connection.IsReusable && _trouble.Length == 0)
            {
                var pass = await gate.Next();
                isFed = pass is not null;
                if (pass is null) break;
                var outcome = connection.IsReusable ? await SendOne(connection, gate, pass, sender, dkim, ct) : null;
                if (outcome is null or { Kind: SmtpKind.Withheld }) gate.GiveBack(pass.Message);
                else gate.Record(Outcome.Of(pass.Message, outcome, options, clock.GetUtcNow()));
                losses = outcome?.Kind is SmtpKind.ConnectionLostBeforeData or SmtpKind.InDoubt ? losses + 1 : 0;
            }

            await connection.Quit(CancellationToken.None);
        }

        if (losses >= LossesMax) _trouble = "connection_lost";
    }

    async Task<SmtpOutcome> SendOne(SmtpConnection connection, LaneGate gate, Pass pass, Sender sender, DkimKey? dkim, CancellationToken ct)
    {
        var rendered = await Render(gate, pass, sender, dkim);
        // Once begun the send is not cancelled: a stop waits for the server's word instead of leaving a doubt.
        return await connection.Send(rendered.Envelope, rendered.Bytes, _ => ValueTask.FromResult(!ct.IsCancellationRequested && gate.Holds(pass)), CancellationToken.None);
    }

    async Task<Rendered> Render(LaneGate gate, Pass pass, Sender sender, DkimKey? dkim)
    {
        var message = pass.Message;
        Rendered? rendered = null;
        try
        {
            var content = await render.Load(lane.Tenant, message.Content, db, CancellationToken.None);
            return rendered = render.Build(content, sender, dkim, message.Id, EmailAddress.Parse(message.Address), message.Fields);
        }
        finally
        {
            if (rendered is null) gate.GiveBack(message); // It failed before a server heard of it, so there is no doubt.
        }
    }

    SmtpClientOptions Settings(Sender sender) => new()
    {
        Server = new DnsEndPoint(sender.Smtp.Host, sender.Smtp.Port),
        EhloName = options.EhloName,
        Tls = sender.Smtp.Security switch
        {
            ConnectionSecurity.None => TlsPolicy.None,
            ConnectionSecurity.Starttls => TlsPolicy.Required,
            ConnectionSecurity.Tls => TlsPolicy.Implicit,
        },
        Timeouts = options.SmtpSeconds > 0 ? SmtpTimeouts.AtMost(TimeSpan.FromSeconds(options.SmtpSeconds)) : new SmtpTimeouts(),
    };

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

    static string Trouble(SmtpOutcome? refusal) => refusal?.Stage switch
    {
        SmtpStage.Auth => "login_refused",
        SmtpStage.Tls => "tls_failed",
        SmtpStage.Greeting or SmtpStage.Ehlo => "server_refused",
        _ => "unreachable",
    };

    static TimeSpan FailureDelay(int failures) => TimeSpan.FromSeconds(Math.Min(FailureDelayMax.TotalSeconds, 5 * Math.Pow(2, Math.Min(failures, 12) - 1)));

    // Never shorter than the gap; up to 30 % longer, so that the rhythm is not a machine's.
    static TimeSpan Gap(Sender sender, Claimed message) =>
        TimeSpan.FromSeconds(sender.GapSeconds * (1 + 0.3 * new Random(message.Id.Value.GetHashCode()).NextDouble()));
}
