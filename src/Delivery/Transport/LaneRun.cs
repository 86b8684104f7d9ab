using System.Collections.Concurrent;
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
    const int BatchMax = 500;
    const int LossesMax = 3; // Connections in a row that were lost before the server answers to DATA.

    static readonly TimeSpan FailureDelayMax = TimeSpan.FromHours(1);

    readonly LaneLedger _ledger = new(lane, db, options, clock); // One for all connections, so that their last checks share round trips.
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
        var used = await ClaimMessages.Used(lane, db, clock.GetUtcNow(), ct);
        while (_trouble.Length == 0)
        {
            var now = clock.GetUtcNow();
            // Nobody else sends from this mailbox, so counting on is exact until the oldest attempt leaves the window.
            var room = sender.DailyCap - used.Attempts - _ledger.Attempts;
            if (room <= 0) return (used.Oldest ?? now).AddHours(24);
            var limit = sender.GapSeconds > 0 ? 1 : (int)Math.Min(BatchMax, room);
            var (batch, lookAgain) = await ClaimMessages.Next(lane, limit, db, now, ct);
            if (batch.Count > 0) await Send(batch, sender, ct);
            if (batch.Count > 0 && sender.GapSeconds > 0) return clock.GetUtcNow() + Gap(sender, batch[0]);
            if (!lookAgain || !await Lanes.Renew(db, lane, Lease, clock.GetUtcNow(), ct)) return now;
        }

        return clock.GetUtcNow();
    }

    // A store that is sealed or away is trouble of this mailbox: it is tried again later, and nothing is lost.
    async Task<Sender?> Open(CancellationToken ct)
    {
        var opened = await ReadSender.Handle(lane.Tenant, lane.Mailbox, secrets, box, db, ct);
        if (opened.Problem is { Code: not "mailbox.not_found" }) _trouble = "secret_unavailable";
        return opened.Match<Sender?>(sender => sender, _ => null);
    }

    async Task Send(List<Claimed> batch, Sender sender, CancellationToken ct)
    {
        using var dkim = sender.Dkim is { } key ? DkimKey.FromPem(DomainName.Parse(key.Domain), key.Selector, key.PrivateKeyPem) : null;
        var waiting = new ConcurrentQueue<Claimed>(batch);
        using var renewal = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = KeepLease(renewal.Token);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(sender.ConnectionsMax, batch.Count)).Select(_ => Drain(waiting, sender, dkim, ct)));
        await renewal.CancelAsync();
        await renewing;
    }

    async Task Drain(ConcurrentQueue<Claimed> waiting, Sender sender, DkimKey? dkim, CancellationToken ct)
    {
        var losses = 0;
        var written = Task.CompletedTask; // The last outcome is written while the next message is on its way.
        while (!waiting.IsEmpty && losses < LossesMax && _trouble.Length == 0 && !ct.IsCancellationRequested)
        {
            var opening = await SmtpConnection.Open(Settings(sender), outbound.Connect, clock, ct);
            if (opening.Connection is not { } connection)
            {
                _trouble = Trouble(opening.Refusal);
                break;
            }

            await using var _ = connection;
            while (connection.IsReusable && !ct.IsCancellationRequested && waiting.TryDequeue(out var message))
            {
                var outcome = await SendOne(connection, message, sender, dkim, ct);
                await written;
                if (outcome.Kind != SmtpKind.Withheld) written = _ledger.Record(message, outcome);
                losses = outcome.Kind is SmtpKind.ConnectionLostBeforeData or SmtpKind.InDoubt ? losses + 1 : 0;
            }

            await connection.Quit(CancellationToken.None);
        }

        await written;
        if (losses >= LossesMax) _trouble = "connection_lost";
    }

    async Task<SmtpOutcome> SendOne(SmtpConnection connection, Claimed message, Sender sender, DkimKey? dkim, CancellationToken ct)
    {
        var content = await render.Load(lane.Tenant, message.Content, db, ct);
        var rendered = render.Build(content, sender, dkim, message.Id, EmailAddress.Parse(message.Address), message.Fields);
        // Past the gate the send is not cancelled: a stop waits for the server's word instead of leaving a doubt.
        var outcome = await connection.Send(rendered.Envelope, rendered.Bytes, async _ => !ct.IsCancellationRequested && await _ledger.Enter(message), CancellationToken.None);
        if (outcome.Kind == SmtpKind.Unsupported) await _ledger.Enter(message); // Refused before the gate: the attempt is written all the same.
        return outcome;
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
        Credentials = new SmtpCredentials(sender.Smtp.User, sender.Secret, IsToken: false),
        Timeouts = options.SmtpSeconds > 0 ? SmtpTimeouts.AtMost(TimeSpan.FromSeconds(options.SmtpSeconds)) : new SmtpTimeouts(),
    };

    async Task KeepLease(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Lease / 3, clock, ct);
                await Lanes.Renew(db, lane, Lease, clock.GetUtcNow(), ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The batch is done.
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.LeaseNotRenewed(lost, lane.Mailbox.Value); // The gate refuses once the lease is over.
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
