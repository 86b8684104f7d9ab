using System.Net;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Content;
using PenguinMails.Delivery.Routes;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;
using DkimKey = PenguinMails.Mail.Auth.DkimKey;

namespace PenguinMails.Delivery.Transport;

/// <summary>What goes over the connections of one mailbox to its server, and what the server says.</summary>
sealed class LaneWire(
    Lane lane, Sender sender, DkimKey? dkim, RouteBook routes, TenantDb db, MailboxSecrets secrets, Outbound outbound, RenderMessage render, DeliveryOptions options, TimeProvider clock)
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

    async Task<SmtpOutcome> SendOne(SmtpConnection connection, LaneGate gate, Pass pass, CancellationToken ct)
    {
        var rendered = await Render(gate, pass);
        // Once begun the send is not cancelled: a stop waits for the server's word instead of leaving a doubt.
        return await connection.Send(rendered.Envelope, rendered.Bytes, _ => ValueTask.FromResult(!ct.IsCancellationRequested && gate.Holds(pass)), CancellationToken.None);
    }

    async Task<Rendered> Render(LaneGate gate, Pass pass)
    {
        var message = pass.Message;
        Rendered? rendered = null;
        try
        {
            if (message.Content is not { } id) return rendered = render.Conversation(sender, dkim, message.Id, EmailAddress.Parse(message.Address), message.Fields);
            var content = await render.Load(lane.Tenant, id, db, CancellationToken.None);
            return rendered = render.Build(content, sender, dkim, message.Id, EmailAddress.Parse(message.Address), message.Fields);
        }
        finally
        {
            if (rendered is null) gate.GiveBack(message); // It failed before a server heard of it, so there is no doubt.
        }
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
        Timeouts = options.SmtpSeconds > 0 ? SmtpTimeouts.AtMost(TimeSpan.FromSeconds(options.SmtpSeconds)) : new SmtpTimeouts(),
    };

    static string Word(SmtpOutcome? refusal) => refusal?.Stage switch
    {
        SmtpStage.Auth => "login_refused",
        SmtpStage.Tls => "tls_failed",
        SmtpStage.Greeting or SmtpStage.Ehlo => "server_refused",
        _ => "unreachable",
    };
}
