using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Reports;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Inbound;

/// <summary>Where the edge listens.</summary>
/// <param name="Endpoint">From <c>PENGUIN__EDGE__LISTEN</c>, default 127.0.0.1:2526; port 0 picks a free one.</param>
/// <param name="Name">Greeting name. From <c>PENGUIN__HOSTS__MAIL</c>.</param>
/// <param name="CertificatePath">PEM, the server's own first. From <c>PENGUIN__EDGE__CERTIFICATE</c>, default <c>tls/edge.pem</c> in the data folder.</param>
/// <param name="KeyPath">PEM. From <c>PENGUIN__EDGE__KEY</c>, default <c>tls/edge.key</c> in the data folder.</param>
/// <param name="IsNamed">Somebody set the two, so they must be there.</param>
public sealed record EdgeOptions(IPEndPoint Endpoint, string Name, string CertificatePath, string KeyPath, bool IsNamed);

/// <summary>Takes mail for our own addresses only: bounces, complaints, reports, replies, wishes to unsubscribe, test mails. Says 250 when it is stored, not before.</summary>
sealed class EdgeServer(EdgeOptions options, EdgeCertificate certificate, TenantDb db, DnsSettings dns, TimeProvider clock, ILogger<EdgeServer> log) : IHostedService
{
    static readonly SmtpAnswer NotHere = new(550, "5.1.1", "No such mailbox here");
    static readonly SmtpAnswer TryLater = new(451, "4.3.0", "Try again later");
    static readonly SmtpAnswer TooMany = new(452, "4.3.1", "Too many reports for today");
    static readonly SmtpAnswer TooLarge = new(552, "5.3.4", "Too large for a report");

    SmtpServer? _server;

    public IPEndPoint? Endpoint => _server?.Endpoint;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        certificate.Open();
        _server = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = options.Endpoint, Name = DomainName.Parse(options.Name), Certificate = certificate.Now },
            new SmtpHandler { Rcpt = Rcpt, Data = Data, Faulted = log.EdgeFaulted }, clock);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is not null) await _server.Stop(cancellationToken);
    }

    async ValueTask<SmtpAnswer> Rcpt(SmtpVisitor visitor, EmailAddress recipient, CancellationToken ct)
    {
        try
        {
            return await ReceiveTestMail.Knows(recipient.Local, db, ct) || await ReceiveReport.Knows(recipient, db, ct) || await FindAddressee.Handle(recipient, db, ct) is not null ? SmtpAnswer.Ok : NotHere;
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.DatabaseLost(lost);
            return TryLater;
        }
    }

    async ValueTask<SmtpAnswer> Data(SmtpVisitor visitor, SmtpDelivery delivery, CancellationToken ct)
    {
        try
        {
            var others = new List<EmailAddress>();
            foreach (var recipient in delivery.Recipients)
            {
                // First, because what is refused is refused for all: nothing may be stored before.
                var taken = await ReceiveReport.Handle(new IncomingMail(recipient, visitor.Address, visitor.Hello, delivery.Sender?.Text ?? "", delivery.Message), db, clock, ct);
                if (taken == ReportTaken.NotOurs) others.Add(recipient);
                else if (taken != ReportTaken.Kept) return taken == ReportTaken.TooLarge ? TooLarge : TooMany;
            }

            foreach (var recipient in others)
            {
                var test = new IncomingTest(recipient.Local, visitor.Address, visitor.Hello, visitor.IsTls, delivery.Sender?.Text ?? "", delivery.Message);
                if (!await ReceiveTestMail.Handle(test, db, dns, clock, ct)) await ReceiveInbound.Handle(delivery.Sender, recipient, delivery.Message, db, clock, ct);
            }

            return SmtpAnswer.Ok;
        }
        catch (Npgsql.NpgsqlException lost)
        {
            log.DatabaseLost(lost);
            return TryLater;
        }
    }
}
