using System.Net;
using System.Threading.Channels;
using PenguinMails.Mail.Smtp;
using PenguinMails.Sandbox.Mails;

namespace PenguinMails.Sandbox.Comebacks;

/// <summary>Where what comes back is delivered.</summary>
/// <param name="Edge">Null: nowhere, so nothing comes back by mail.</param>
/// <param name="Web">Null: no link is followed.</param>
sealed record Counterparts(IPEndPoint? Edge, Uri? Web);

/// <summary>Plays the recipients after delivery: waits a little, then bounces, answers, complains or clicks. Kept in memory: a restart forgets what was under way.</summary>
sealed class ComebackQueue : IAsyncDisposable
{
    const int WaitingMax = 10_000;
    const int Workers = 4;
    const int AttemptsMax = 6;

    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    readonly Channel<Taken> _waiting = Channel.CreateBounded<Taken>(WaitingMax);
    readonly CancellationTokenSource _stopping = new();
    readonly LinkVisitor _visitor = new();
    readonly SandboxOptions _options;
    readonly SandboxJournal _journal;
    readonly TimeProvider _clock;
    readonly Task _working;

    public ComebackQueue(SandboxOptions options, SandboxJournal journal, TimeProvider clock)
    {
        (_options, _journal, _clock) = (options, journal, clock);
        Attached = new Counterparts(options.Edge, options.Web);
        _working = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(Work)));
    }

    public Counterparts Attached { get; set; }

    /// <summary>Why the last thing that should have come back did not; null when all did.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Waits when 10,000 are under way.</summary>
    public ValueTask Add(Taken mail, CancellationToken ct) =>
        mail.Behaviour is Behaviour.Dsn or Behaviour.Reply or Behaviour.Ooo or Behaviour.Complain or Behaviour.Click or Behaviour.Unsub or Behaviour.Scanner
            ? _waiting.Writer.WriteAsync(mail, ct)
            : ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _working;
        _visitor.Dispose();
        _stopping.Dispose();
    }

    async Task Work()
    {
        try
        {
            await foreach (var mail in _waiting.Reader.ReadAllAsync(_stopping.Token))
            {
                var wait = mail.At + _options.Delay - _clock.GetUtcNow();
                if (wait > TimeSpan.Zero) await Task.Delay(wait, _clock, _stopping.Token);
                await Act(mail, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The sandbox stops; what waits is forgotten.
        }
    }

    async Task Act(Taken mail, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            var (isDone, trouble) = await Try(mail, ct);
            if (isDone && trouble is null) _journal.Append(mail.Entry(JournalKind.CameBack, _clock.GetUtcNow()));
            Trouble = trouble is null ? Trouble : $"{mail.Behaviour} of {mail.Recipient.Text}: {trouble}";
            if (isDone) return;
            await Task.Delay(RetryAfter * Math.Pow(2, attempt), _clock, ct);
        }
    }

    async Task<(bool IsDone, string? Trouble)> Try(Taken mail, CancellationToken ct)
    {
        var now = _clock.GetUtcNow();
        try
        {
            return mail.Behaviour switch
            {
                Behaviour.Dsn => await Deliver(Reports.Undelivered(mail, _options.Name, now), ct),
                Behaviour.Complain => await Deliver(Reports.Complaint(mail, _options.Name, now), ct),
                Behaviour.Reply => await Deliver(Answers.Human(mail, now), ct),
                Behaviour.Ooo => await Deliver(Answers.Absence(mail, now), ct),
                Behaviour.Click => await Visit(mail, _visitor.Click, ct),
                Behaviour.Unsub => await Visit(mail, _visitor.Unsubscribe, ct),
                Behaviour.Scanner => await Visit(mail, _visitor.Scan, ct),
                _ => (true, null),
            };
        }
        catch (HttpRequestException failure)
        {
            return (false, failure.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (false, "The web server did not answer in 10 s.");
        }
    }

    async Task<(bool, string?)> Visit(Taken mail, Func<Taken, Uri, CancellationToken, Task<bool>> visit, CancellationToken ct)
    {
        if (Attached.Web is not { } web) return (false, "No web server is attached.");
        return (true, await visit(mail, web, ct) ? null : "The message has no such link.");
    }

    async Task<(bool, string?)> Deliver(Comeback? comeback, CancellationToken ct)
    {
        if (comeback is null) return (true, "The message names nobody to write to.");
        if (Attached.Edge is not { } edge) return (false, "No edge is attached.");
        var settings = new SmtpClientOptions
        {
            Server = new DnsEndPoint(edge.Address.ToString(), edge.Port), EhloName = _options.Name.Ascii, Tls = TlsPolicy.Opportunistic, Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(30)),
        };
        var opening = await SmtpConnection.Open(settings, SmtpConnectors.Direct, _clock, ct);
        if (opening.Connection is not { } connection) return (false, opening.Refusal?.Text);
        await using var _ = connection;
        var envelope = new SmtpEnvelope(comeback.Sender, comeback.Recipient) { HasUtf8Headers = !System.Text.Ascii.IsValid(comeback.Raw) };
        var outcome = await connection.Send(envelope, comeback.Raw, null, ct);
        await connection.Quit(ct);
        return outcome.Kind switch
        {
            SmtpKind.Accepted => (true, null),
            SmtpKind.PermanentRefusal or SmtpKind.Unsupported => (true, $"{outcome.Code} {outcome.Text}"),
            _ => (false, $"{outcome.Code} {outcome.Text}"),
        };
    }
}
