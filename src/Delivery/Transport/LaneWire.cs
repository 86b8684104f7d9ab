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
            while (connection.IsReusable && Trouble.Length == 0)
            {
                var pass = await gate.Next();
                isFed = pass is not null;
                if (pass is null) break;
                var isOpen = routes.Closed(pass.Message.Provider, clock.GetUtcNow()) is null; // It may have closed since the message passed.
                var outcome = isOpen && connection.IsReusable ? await SendOne(connection, gate, pass, ct) : null;
                if (outcome is null or { Kind: SmtpKind.Withheld }) gate.GiveBack(pass.Message);
                else Record(gate, pass.Message, outcome);
                losses = outcome?.Kind is SmtpKind.ConnectionLostBeforeData or SmtpKind.InDoubt ? losses + 1 : 0;
            }

            await connection.Quit(CancellationToken.None);
        }

        if (losses >= LossesMax) Trouble = "connection_lost";
    }

    void Record(LaneGate gate, Claimed message, SmtpOutcome outcome)
    {
        var now = clock.GetUtcNow();
        routes.Heard(message.Provider, outcome, now);
        gate.Record(Outcome.Of(message, outcome, options, now));
    }

    static async Task<SmtpOutcome> SendOne(SmtpConnection connection, LaneGate gate, Pass pass, CancellationToken ct)
    {
        var rendered = await LaneRender.Ready(gate, pass);
        // Once begun the send is not cancelled: a stop waits for the server's word instead of leaving a doubt.
        return await connection.Send(rendered.Envelope, rendered.Bytes, _ => ValueTask.FromResult(!ct.IsCancellationRequested && gate.Holds(pass)), CancellationToken.None);
    }

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
