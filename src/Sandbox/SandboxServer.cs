using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;
using PenguinMails.Sandbox.Comebacks;
using PenguinMails.Sandbox.Dns;
using PenguinMails.Sandbox.Mails;

namespace PenguinMails.Sandbox;

/// <summary>The recipients' world for demos and tests: takes mail for anyone, behaves by the address's tag (<see cref="Behaviour"/>), answers DNS. Loopback only.</summary>
public sealed class SandboxServer : IAsyncDisposable
{
    const int SeenMax = 100_000;

    readonly SandboxOptions _options;
    readonly TimeProvider _clock;
    readonly SandboxJournal _journal;
    readonly MailFolder _mails;
    readonly ComebackQueue _comebacks;
    readonly SmtpServer _smtp;
    readonly DnsResponder _dns;
    readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);
    bool _isStopped;

    SandboxServer(SandboxOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        Directory.CreateDirectory(options.Folder);
        _journal = new SandboxJournal(Path.Combine(options.Folder, "journal.jsonl"));
        _mails = new MailFolder(Path.Combine(options.Folder, "mails"));
        _comebacks = new ComebackQueue(options, _journal, clock);
        _dns = DnsResponder.Start(options.Dns, new Zone(Path.Combine(options.Folder, "zone.json")));
        _smtp = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = options.Smtp, Name = options.Name, AllowsClearAuth = true, ConnectionsPerAddressMax = 1000 },
            new SmtpHandler { Auth = LogIn, Data = Take, Faulted = fault => Trouble = fault.Message }, clock);
    }

    /// <summary>With the port in use when the options asked for port 0.</summary>
    public IPEndPoint SmtpEndpoint => _smtp.Endpoint;

    /// <summary>Likewise; UDP and TCP.</summary>
    public IPEndPoint DnsEndpoint => _dns.Endpoint;

    /// <summary>For <see cref="SandboxJournal.Read"/>.</summary>
    public string JournalPath => _journal.Path;

    /// <summary>What went wrong last, in words for a developer; null when nothing did.</summary>
    public string? Trouble { get => field ?? _comebacks.Trouble; private set; }

    /// <exception cref="ArgumentException">An address of the options is not loopback.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">A port is taken.</exception>
    public static SandboxServer Start(SandboxOptions options, TimeProvider clock) => new(options.Checked(), clock);

    /// <summary>Says where what comes back goes, for when these addresses are known only after the start.</summary>
    /// <exception cref="ArgumentException">Not loopback.</exception>
    public void Attach(IPEndPoint edge, Uri web)
    {
        var attached = (_options with { Edge = edge, Web = web }).Checked();
        _comebacks.Attached = new Counterparts(attached.Edge, attached.Web);
    }

    /// <summary>Newest first, at most 500; also those of before a restart.</summary>
    public IReadOnlyList<ReceivedMail> Messages() => _mails.Shown();

    /// <summary>Sets the records of a name and type in place of those there are; none removes them. Kept in <c>zone.json</c>.</summary>
    /// <param name="values">Address; host name; MX as <c>10 mx.example.com</c> (<c>0 .</c> is the null MX); TXT as one text of any length;
    /// SOA as <c>mname rname serial refresh retry expire minimum</c>.</param>
    /// <returns>Refused with <c>sandbox.dns_host_invalid</c>, <c>sandbox.dns_value_invalid</c> or <c>sandbox.dns_full</c>.</returns>
    public Result<Done> Publish(string host, DnsType type, IReadOnlyList<string> values) => _dns.Zone.Publish(host, type, values);

    /// <summary>Takes no more mail, ends transactions under way, forgets what had yet to come back.</summary>
    public async Task Stop(CancellationToken ct)
    {
        if (_isStopped) return;
        _isStopped = true;
        await _smtp.Stop(ct);
        await _comebacks.DisposeAsync();
        await _dns.DisposeAsync();
        _journal.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop(new CancellationToken(canceled: true));
        await _smtp.DisposeAsync();
    }

    ValueTask<SmtpAnswer> LogIn(SmtpVisitor visitor, string user, string password, CancellationToken ct) =>
        ValueTask.FromResult(CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(_options.Password))
            ? new SmtpAnswer(235, "2.7.0", "Authentication successful")
            : new SmtpAnswer(535, "5.7.8", "Authentication credentials invalid"));

    // Decided when the content is there, so that the journal can name the message that was refused.
    async ValueTask<SmtpAnswer> Take(SmtpVisitor visitor, SmtpDelivery delivery, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        var part = MimeReader.Read(delivery.Message, new MimeLimits());
        var mails = delivery.Recipients.Select(recipient => new Taken(delivery.Sender, recipient, delivery.Message, part, Behaviours.Of(recipient), now)).ToList();
        var (kind, answer) = Judge(mails);
        foreach (var mail in mails)
        {
            if (kind == JournalKind.Accepted) _mails.Add(mail);
            _journal.Append(mail.Entry(kind, now));
            if (kind == JournalKind.Accepted) await _comebacks.Add(mail, ct);
        }

        return answer;
    }

    // One answer holds for all recipients of a message, so the worst of them decides.
    (JournalKind Kind, SmtpAnswer Answer) Judge(List<Taken> mails)
    {
        bool Any(Behaviour behaviour) => mails.Any(mail => mail.Behaviour == behaviour);
        if (Any(Behaviour.Drop)) return (JournalKind.Dropped, Behaviours.HangUp);
        if (Any(Behaviour.Refuse)) return (JournalKind.Refused, Behaviours.NoUser);
        if (Any(Behaviour.Full)) return (JournalKind.Refused, Behaviours.Full);
        return mails.Any(IsFirstAttempt) ? (JournalKind.Deferred, Behaviours.NotYet) : (JournalKind.Accepted, SmtpAnswer.Ok);
    }

    bool IsFirstAttempt(Taken mail)
    {
        if (mail.Behaviour != Behaviour.Defer) return false;
        if (_seen.Count >= SeenMax) _seen.Clear();
        return _seen.TryAdd($"{mail.Sender?.Normal} {mail.Recipient.Normal}", true);
    }
}
