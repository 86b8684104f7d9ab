using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>What our server got, and from whom.</summary>
sealed record Arrival(SmtpVisitor Visitor, SmtpDelivery Delivery)
{
    public MimePart Message => MimeReader.Read(Delivery.Message, new MimeLimits());

    public string Text => System.Text.Encoding.UTF8.GetString(Delivery.Message.Span);
}

/// <summary>Our own server as the place where other servers deliver: it takes everything but what some local parts ask for, bounces included.</summary>
sealed class FarSide : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static readonly Dictionary<string, SmtpAnswer> Answers = new(StringComparer.Ordinal)
    {
        ["unknown"] = new(550, "5.1.1", "No such user here"),
        ["full"] = new(552, "5.2.2", "The mailbox is over quota"),
        ["blocked"] = new(554, "5.7.1", "Message rejected due to local policy"),
        ["later"] = new(451, "4.7.1", "Greylisted, please try again later"),
        ["closing"] = new(421, "4.3.2", "Closing for today"),
    };

    readonly Channel<Arrival> _arrivals = Channel.CreateBounded<Arrival>(1000);
    readonly List<Arrival> _seen = [];

    public FarSide(X509Certificate2? certificate = null, Func<SmtpServerOptions, SmtpServerOptions>? with = null)
    {
        var options = new SmtpServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0), Name = DomainName.Parse("mx.far.example"), Certificate = () => certificate is null ? null : SslStreamCertificateContext.Create(certificate, null) };
        Server = SmtpServer.Start(with?.Invoke(options) ?? options, new SmtpHandler
        {
            Auth = (_, user, secret, _) => ValueTask.FromResult(user == "olivia" && secret == "sesame" ? new SmtpAnswer(235, "2.7.0", "Welcome") : new SmtpAnswer(535, "5.7.8", "Wrong")),
            Rcpt = (_, recipient, _) => ValueTask.FromResult(Answers.GetValueOrDefault(recipient.Local, SmtpAnswer.Ok)),
            Data = async (visitor, delivery, ct) =>
            {
                await _arrivals.Writer.WriteAsync(new Arrival(visitor, delivery), ct);
                return SmtpAnswer.Ok;
            },
        }, TimeProvider.System);
    }

    public SmtpServer Server { get; }

    public int Port => Server.Endpoint.Port;

    /// <summary>The first arrival, past or to come, for this recipient.</summary>
    public async Task<Arrival> For(string recipient, CancellationToken ct, Func<string>? logs = null)
    {
        try
        {
            while (true)
            {
                if (_seen.Find(one => one.Delivery.Recipients.Any(to => to.Text == recipient)) is { } found)
                {
                    _seen.Remove(found);
                    return found;
                }

                _seen.Add(await _arrivals.Reader.ReadAsync(ct).AsTask().WaitAsync(Patience, ct));
            }
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"Nothing came for {recipient}; for others: {string.Join(", ", _seen.SelectMany(one => one.Delivery.Recipients))}\n{logs?.Invoke()}");
        }
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
