using System.Globalization;
using System.Net;

namespace PenguinMails.Mail.Smtp;

/// <summary>One client's visit, from greeting to goodbye.</summary>
sealed partial class SmtpSession(SmtpServerWire wire, IPAddress address, SmtpServerOptions options, SmtpHandler handler, CancellationToken stopping, CancellationToken ct)
{
    SmtpState state;
    string hello = "";
    string? user;
    bool isTls;
    int bad;
    bool isOver;

    SmtpVisitor Visitor => new(address, hello, isTls, user);

    public async ValueTask Run()
    {
        wire.Reply(220, "", $"{options.Name} ESMTP");
        while (!isOver)
        {
            if (stopping.IsCancellationRequested && state is SmtpState.Connected or SmtpState.Greeted && !wire.HasMore)
            {
                wire.Reply(421, "4.3.2", "Going down");
                break;
            }
            var (fault, line) = await wire.Line().ConfigureAwait(false);
            if (fault == LineFault.Closed) return;
            if (fault == LineFault.TimedOut) wire.Reply(421, stopping.IsCancellationRequested ? "4.3.2" : "4.4.2", "Timeout, closing");
            if (fault == LineFault.TimedOut) break;
            if (fault == LineFault.TooLong) Bad(500, "5.5.2", "Line too long");
            else if (fault == LineFault.BareLineEnd) Bad(500, "5.5.2", "Lines end with CR LF");
            else await Obey(SmtpCommand.Parse(line.Span)).ConfigureAwait(false);
        }
        await wire.Flush().ConfigureAwait(false);
    }

    async ValueTask Obey(SmtpCommand command)
    {
        if (!SmtpCommand.IsLegal(command.Verb, state))
        {
            Bad(503, "5.5.1", "Not in this order");
            return;
        }
        switch (command.Verb)
        {
            case SmtpVerb.Ehlo or SmtpVerb.Helo: Hello(command); break;
            case SmtpVerb.StartTls: await StartTls(command).ConfigureAwait(false); break;
            case SmtpVerb.Auth: await Auth(command).ConfigureAwait(false); break;
            case SmtpVerb.Mail: await Mail(command).ConfigureAwait(false); break;
            case SmtpVerb.Rcpt: await Rcpt(command).ConfigureAwait(false); break;
            case SmtpVerb.Data: await Data(command).ConfigureAwait(false); break;
            case SmtpVerb.Bdat: await Bdat(command).ConfigureAwait(false); break;
            case SmtpVerb.Rset: Forget(); wire.Reply(250, "2.0.0", "Ok"); break;
            case SmtpVerb.Noop: wire.Reply(250, "2.0.0", "Ok"); break;
            // RFC 5321 3.5.3: says neither yes nor no, so that nobody can harvest names.
            case SmtpVerb.Vrfy: wire.Reply(252, "2.1.5", "Send some mail and see"); break;
            case SmtpVerb.Quit: wire.Reply(221, "2.0.0", "Bye"); isOver = true; break;
            default: Bad(500, "5.5.1", "Unknown command"); break;
        }
    }

    void Hello(SmtpCommand command)
    {
        if (command.Argument.Length is 0 or > 255 || command.Argument.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            Bad(501, "5.5.4", "Say who you are");
            return;
        }
        Forget();
        hello = command.Argument;
        state = SmtpState.Greeted;
        if (command.Verb == SmtpVerb.Helo)
        {
            wire.Reply(250, "", options.Name.Ascii);
            return;
        }
        wire.Raw($"250-{options.Name}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n");
        wire.Raw(string.Create(CultureInfo.InvariantCulture, $"250-SIZE {options.MessageOctetsMax}\r\n"));
        if (!isTls && options.Certificate() is not null) wire.Raw("250-STARTTLS\r\n");
        if (OffersAuth) wire.Raw("250-AUTH PLAIN LOGIN\r\n");
        wire.Raw("250 ENHANCEDSTATUSCODES\r\n");
    }

    bool OffersAuth => handler.Auth is not null && (isTls || options.AllowsClearAuth) && user is null;

    async ValueTask StartTls(SmtpCommand command)
    {
        if (isTls || command.Argument.Length > 0 || options.Certificate() is not { } certificate)
        {
            Bad(command.Argument.Length > 0 ? 501 : 502, "5.5.1", "Not here");
            return;
        }
        if (wire.HasMore)
        {
            // RFC 3207 4.2: what was said in clear behind STARTTLS must not count inside TLS; only an attack says it.
            wire.Reply(554, "5.5.1", "Nothing may follow STARTTLS in clear");
            isOver = true;
            return;
        }
        wire.Reply(220, "2.0.0", "Go ahead");
        isTls = await wire.Flush().ConfigureAwait(false) && await wire.Secure(certificate).ConfigureAwait(false);
        if (!isTls) isOver = true;
        Forget();
        state = SmtpState.Connected;
        hello = "";
        user = null;
    }

    async ValueTask Auth(SmtpCommand command)
    {
        if (!OffersAuth || handler.Auth is not { } decide)
        {
            Bad(user is null ? 502 : 503, "5.5.1", "Not here");
            return;
        }
        var login = new SmtpServerLogin(wire);
        var (name, secret) = await login.Credentials(command.Argument).ConfigureAwait(false);
        isOver = login.IsOver;
        if (isOver) return;
        if (name is null || secret is null)
        {
            Bad(501, "5.5.2", "Not understood");
            return;
        }
        var answer = await Ask(() => decide(Visitor, name, secret, ct)).ConfigureAwait(false);
        if (answer.Code is >= 200 and < 300) user = name;
        else bad++;
        Say(answer);
        if (bad > options.BadCommandsMax) TooMany();
    }

    async ValueTask<SmtpAnswer> Ask(Func<ValueTask<SmtpAnswer>> decide)
    {
        try
        {
            return await decide().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return new SmtpAnswer(421, "4.3.2", "Going down");
        }
        catch (Exception e) // The request edge: one client's trouble must not end the server.
        {
            handler.Faulted(e);
            return new SmtpAnswer(451, "4.3.0", "Local trouble, try later");
        }
    }

    void Say(SmtpAnswer answer)
    {
        if (answer.HangsUp || answer.Code == 421) isOver = true;
        if (!answer.HangsUp) wire.Reply(answer.Code, answer.Enhanced, answer.Text);
    }

    void Bad(int code, string enhanced, string text)
    {
        wire.Reply(code, enhanced, text);
        if (++bad > options.BadCommandsMax) TooMany();
    }

    void TooMany()
    {
        wire.Reply(421, "4.7.0", "Too many errors");
        isOver = true;
    }

    void Forget()
    {
        sender = null;
        hasUtf8 = false;
        if (recipients.Count > 0) recipients = [];
        chunks = null;
        if (state != SmtpState.Connected) state = SmtpState.Greeted;
    }
}
