using System.Net;
using PenguinMails.Core;
using PenguinMails.Delivery.Routes;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Transport;

/// <summary>What goes over the connections of one mailbox to its server, and what the server says.</summary>
sealed class LaneWire(Lane lane, Sender sender, RouteBook routes, MailboxSecrets secrets, Outbound outbound, DeliveryOptions options, TimeProvider clock) : ILaneWire
{
    const int LossesMax = 3; // Connections in a row that were lost before the server answers to DATA.

    /// <summary>Code of what is wrong with the server; empty while nothing is. Stops every connection.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>One connection: sends what passes the gate until nothing more comes.</summary>
    public async Task Drain(LaneGate gate, CancellationToken ct)
    {
        var losses = 0;
        var isFed = true;
        while (isFed && losses < LossesMax && Trouble.Length == 0 && !ct.IsCancellationRequested)
        {
            var opened = await ConnectSender.Handle(lane.Tenant, sender, Settings(), secrets, outbound.Connect, clock, ct);
            if (opened.Match(opening => opening.Connection, _ => null) is not { } connection)
            {
                Trouble = opened.Match(opening => Word(opening.Refusal), _ => LaneRun.Closed);
                return;
            }

            await using var _ = connection;
            (isFed, losses) = await Use(connection, gate, losses, ct);
            await connection.Quit(CancellationToken.None);
        }

        if (losses >= LossesMax) Trouble = "connection_lost";
    }

    /// <summary>Message after message; the commands of one that is ready go out behind the one before it.</summary>
    async Task<(bool IsFed, int Losses)> Use(SmtpConnection connection, LaneGate gate, int losses, CancellationToken ct)
    {
        Pass? ahead = null;
        try
        {
            for (var isFirst = true; connection.IsReusable && Trouble.Length == 0; isFirst = false)
            {
                if ((ahead ?? await gate.Next()) is not { } pass) return (false, losses);
                ahead = gate.NextReady();
                var outcome = await SendOne(connection, gate, pass, ahead, ct);
                // A server that hung up after the message before, as many do after so many, never looked at this one.
                var isUnheard = !isFirst && outcome is { Stage: SmtpStage.Mail, Kind: SmtpKind.ConnectionLostBeforeData };
                if (isUnheard || outcome.Kind == SmtpKind.Withheld) gate.GiveBack(pass.Message);
                else Record(gate, pass.Message, outcome);
                losses = !isUnheard && outcome.Kind is SmtpKind.ConnectionLostBeforeData or SmtpKind.InDoubt ? losses + 1 : 0;
            }

            return (true, losses);
        }
        finally
        {
            if (ahead is not null) gate.GiveBack(ahead.Message);
        }
    }

    void Record(LaneGate gate, Claimed message, SmtpOutcome outcome)
    {
        var now = clock.GetUtcNow();
        routes.Heard(message.Provider, outcome, now);
        gate.Record(Outcome.Of(message, outcome, options, now));
    }

    async Task<SmtpOutcome> SendOne(SmtpConnection connection, LaneGate gate, Pass pass, Pass? ahead, CancellationToken ct)
    {
        var made = await LaneRender.Ready(gate, pass);
        var next = ahead is not null && IsOpen(ahead) ? await ahead.Ready : null;
        // Once begun the send is not cancelled: a stop waits for the server's word instead of leaving a doubt. The route may have closed since the message passed.
        var outcome = await connection.Send(
            made.Envelope, made.Bytes, next is null ? null : new SmtpNext(next.Envelope, next.Bytes),
            _ => ValueTask.FromResult(!ct.IsCancellationRequested && IsOpen(pass) && gate.TryBegin(pass)), CancellationToken.None);
        made.Sent();
        return outcome;
    }

    bool IsOpen(Pass pass) => routes.Closed(pass.Message.Provider, clock.GetUtcNow()) is null;

    SmtpClientOptions Settings() => new()
    {
        Server = new DnsEndPoint(sender.Smtp.Host, sender.Smtp.Port),
        EhloName = options.EhloName,
        Tls = sender.Smtp.Security switch
        {
            ConnectionSecurity.None => TlsPolicy.None,
            ConnectionSecurity.Starttls => TlsPolicy.Required,
            ConnectionSecurity.Tls => TlsPolicy.Implicit,
        },
        Timeouts = options.Timeouts,
    };

    static string Word(SmtpOutcome? refusal) => refusal?.Stage switch
    {
        SmtpStage.Auth => "login_refused",
        SmtpStage.Tls => "tls_failed",
        SmtpStage.Greeting or SmtpStage.Ehlo => "server_refused",
        _ => "unreachable",
    };
}
