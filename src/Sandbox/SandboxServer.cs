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

    readonly TimeProvider _clock;
    readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);
    SandboxOptions _options;
    Parts? _parts;

    sealed record Parts(SandboxJournal Journal, MailFolder Mails, ComebackQueue Comebacks, DnsResponder Dns)
    {
        public SmtpServer? Smtp { get; set; }
    }

    /// <exception cref="ArgumentException">An address of the options is not loopback.</exception>
    public SandboxServer(SandboxOptions options, TimeProvider clock) => (_options, _clock) = (options.Checked(), clock);

    /// <summary>With the port in use when the options asked for port 0.</summary>
    public IPEndPoint SmtpEndpoint => Running.Smtp?.Endpoint ?? _options.Smtp;

    /// <summary>Likewise; UDP and TCP.</summary>
    public IPEndPoint DnsEndpoint => Running.Dns.Endpoint;

    /// <summary>For <see cref="SandboxJournal.Read"/>.</summary>
    public string JournalPath => Path.Combine(_options.Folder, "journal.jsonl");

    /// <summary>What went wrong last, in words for a developer; null when nothing did.</summary>
    public string? Trouble { get => field ?? _parts?.Comebacks.Trouble; private set; }

    Parts Running => _parts ?? throw new InvalidOperationException("The sandbox is not started.");

    /// <exception cref="System.Net.Sockets.SocketException">A port is taken.</exception>
    /// <exception cref="System.Text.Json.JsonException"><c>zone.json</c> was edited and cannot be read any more.</exception>
    public Task Start(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Directory.CreateDirectory(_options.Folder);
        var zone = new Zone(Path.Combine(_options.Folder, "zone.json"));
        var mails = new MailFolder(Path.Combine(_options.Folder, "mails"));
        var journal = new SandboxJournal(JournalPath);
        var parts = new Parts(journal, mails, new ComebackQueue(_options, journal, _clock), DnsResponder.Start(_options.Dns, zone));
        _parts = parts;
        parts.Smtp = SmtpServer.Start(
            new SmtpServerOptions { Endpoint = _options.Smtp, Name = _options.Name, AllowsClearAuth = true, ConnectionsPerAddressMax = 1000 },
            new SmtpHandler { Auth = LogIn, Data = (_, delivery, stopped) => Take(parts, delivery, stopped), Faulted = fault => Trouble = fault.Message }, _clock);
        return Task.CompletedTask;
    }

    /// <summary>Says where what comes back goes, for when these addresses are known only after the start.</summary>
    /// <exception cref="ArgumentException">Not loopback.</exception>
    public void Attach(IPEndPoint edge, Uri web)
    {
        _options = (_options with { Edge = edge, Web = web }).Checked();
        if (_parts is { } parts) parts.Comebacks.Attached = new Counterparts(_options.Edge, _options.Web);
    }

    /// <summary>Newest first, at most 500; also those of before a restart.</summary>
    public IReadOnlyList<ReceivedMail> Messages() => Running.Mails.Shown();

    /// <summary>Sets the records of a name and type in place of those there are; none removes them. Kept in <c>zone.json</c>.</summary>
    /// <param name="values">Address; host name; MX as <c>10 mx.example.com</c> (<c>0 .</c> is the null MX); TXT as one text of any length;
    /// SOA as <c>mname rname serial refresh retry expire minimum</c>.</param>
    /// <returns>Refused with <c>sandbox.dns_host_invalid</c>, <c>sandbox.dns_value_invalid</c> or <c>sandbox.dns_full</c>.</returns>
    public Result<Done> Publish(string host, DnsType type, IReadOnlyList<string> values) => Running.Dns.Zone.Publish(host, type, values);

    /// <summary>Takes no more mail, ends transactions under way, forgets what had yet to come back. Nothing when it is not started.</summary>
    /// <param name="ct">When cancelled, connections still open are cut.</param>
    public async Task Stop(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _parts, null) is not { } parts) return;
        if (parts.Smtp is { } smtp)
        {
            await smtp.Stop(ct);
            await smtp.DisposeAsync();
        }

        await parts.Comebacks.DisposeAsync();
        await parts.Dns.DisposeAsync();
        parts.Journal.Dispose();
    }

    public async ValueTask DisposeAsync() => await Stop(new CancellationToken(canceled: true));

    ValueTask<SmtpAnswer> LogIn(SmtpVisitor visitor, string user, string password, CancellationToken ct) =>
        ValueTask.FromResult(CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(_options.Password))
            ? new SmtpAnswer(235, "2.7.0", "Authentication successful")
            : new SmtpAnswer(535, "5.7.8", "Authentication credentials invalid"));

    // Decided when the content is there, so that the journal can name the message that was refused.
    async ValueTask<SmtpAnswer> Take(Parts parts, SmtpDelivery delivery, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        var part = MimeReader.Read(delivery.Message, new MimeLimits());
        var mails = delivery.Recipients.Select(recipient => new Taken(delivery.Sender, recipient, delivery.Message, part, Behaviours.Of(recipient), now)).ToList();
        var (kind, answer) = Judge(mails);
        foreach (var mail in mails)
        {
            if (kind == JournalKind.Accepted) parts.Mails.Add(mail);
            parts.Journal.Append(mail.Entry(kind, now));
            if (kind == JournalKind.Accepted) await parts.Comebacks.Add(mail, ct);
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
