using System.Text;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Imap;

/// <summary>From the greeting to a session that is logged in: TLS by policy, AUTHENTICATE or LOGIN, ENABLE. Null means that the step went well.</summary>
sealed class ImapHandshake(ImapSession session)
{
    readonly ImapOptions options = session.Options;
    bool isLoggedIn;

    public async ValueTask<ImapOutcome?> Run(CancellationToken ct) =>
        await Implicit(ct).ConfigureAwait(false) ?? await Greeting(ct).ConfigureAwait(false) ?? await Capability(ct).ConfigureAwait(false)
        ?? await StartTls(ct).ConfigureAwait(false) ?? await LogIn(ct).ConfigureAwait(false) ?? await Enable(ct).ConfigureAwait(false);

    async ValueTask<ImapOutcome?> Implicit(CancellationToken ct) => options.Tls == TlsPolicy.Implicit ? await Secure(ct).ConfigureAwait(false) : null;

    async ValueTask<ImapOutcome?> Secure(CancellationToken ct) =>
        await session.Wire.Secure(ct).ConfigureAwait(false) is { } trouble ? new ImapOutcome(ImapStage.Tls, ImapKind.ConnectionLost, null, trouble) : null;

    async ValueTask<ImapOutcome?> Greeting(CancellationToken ct)
    {
        if (await session.Wire.Hear(0, false, ct).ConfigureAwait(false) is not { } greeting) return session.Lost(ImapStage.Greeting);
        if (greeting is { Tag: "*", Word: "BYE" }) return ImapSession.Refusal(ImapStage.Greeting, greeting);
        if (greeting.Tag != "*" || greeting.Word is not ("OK" or "PREAUTH")) return new ImapOutcome(ImapStage.Greeting, ImapKind.ConnectionLost, null, "The greeting is not one of IMAP.");
        isLoggedIn = greeting.Word == "PREAUTH";
        session.Note(greeting);
        return null;
    }

    /// <summary>Asked even where the greeting told: what it tells is often less.</summary>
    async ValueTask<ImapOutcome?> Capability(CancellationToken ct) => await session.Run(ImapStage.Capability, new ImapCommand("CAPABILITY"), null, false, ct).ConfigureAwait(false);

    async ValueTask<ImapOutcome?> StartTls(CancellationToken ct)
    {
        if (options.Tls is TlsPolicy.None or TlsPolicy.Implicit) return null;
        // RFC 9051 11.1, 7.1.4: who is greeted with PREAUTH cannot ask for TLS any more; an attacker may have said it.
        if (isLoggedIn || !session.Offers("STARTTLS")) return new ImapOutcome(ImapStage.Tls, ImapKind.Unsupported, null, "The server does not offer STARTTLS.");
        if (await session.Run(ImapStage.Tls, new ImapCommand("STARTTLS"), null, false, ct).ConfigureAwait(false) is { } refused) return refused;
        // RFC 9051 6.2.1: what was offered in clear is forgotten.
        session.Capabilities = [];
        return await Secure(ct).ConfigureAwait(false) ?? await Capability(ct).ConfigureAwait(false);
    }

    async ValueTask<ImapOutcome?> LogIn(CancellationToken ct)
    {
        if (isLoggedIn) return null;
        var offered = session.Capabilities;
        session.Capabilities = [];
        var outcome = await LogIn(offered, ct).ConfigureAwait(false);
        // RFC 9051 6.2.2: capabilities may change with the log-in; told with the answer, or to be asked for.
        if (outcome is null && session.Capabilities.Count == 0 && Says(offered)) return await Capability(ct).ConfigureAwait(false);
        if (session.Capabilities.Count == 0) session.Capabilities = offered;
        return outcome;
    }

    /// <summary>Asking again is worth a round trip only where more than the plain protocol is spoken.</summary>
    static bool Says(IReadOnlyList<string> offered) => offered.Contains("ENABLE") || offered.Contains("ID") || offered.Contains("IDLE");

    async ValueTask<ImapOutcome?> LogIn(IReadOnlyList<string> offered, CancellationToken ct)
    {
        var (user, secret, isToken) = options.Credentials;
        if (isToken)
        {
            // RFC 7628 3.1, and 3.2.3: a refused client says one control-A so that the server can say NO.
            if (offered.Contains("AUTH=OAUTHBEARER"))
                return await Authenticate(offered, "OAUTHBEARER", $"n,a={SaslName(user)},\u0001host={options.Server.Host}\u0001port={options.Server.Port}\u0001auth=Bearer {secret}\u0001\u0001", "AQ==", ct).ConfigureAwait(false);
            if (offered.Contains("AUTH=XOAUTH2"))
                return await Authenticate(offered, "XOAUTH2", $"user={user}\u0001auth=Bearer {secret}\u0001\u0001", "", ct).ConfigureAwait(false);
            return Unable("The server does not take access tokens (OAUTHBEARER, XOAUTH2).");
        }
        if (offered.Contains("AUTH=PLAIN")) return await Authenticate(offered, "PLAIN", $"\0{user}\0{secret}", "", ct).ConfigureAwait(false);
        if (offered.Contains("AUTH=LOGIN") && (offered.Contains("LOGINDISABLED") || !Ascii.IsValid(user + secret)))
            return await session.Run(ImapStage.Auth, new ImapCommand("AUTHENTICATE LOGIN") { Answer = Base64(user), LastAnswer = Base64(secret), HidesAnswers = true }, null, false, ct).ConfigureAwait(false);
        if (offered.Contains("LOGINDISABLED")) return Unable("The server does not let passwords in on this connection.");
        if (!Ascii.IsValid(user + secret)) return Unable("The server's only way to log in takes ASCII alone.");
        return await session.Run(ImapStage.Auth, new ImapCommand("LOGIN ") { Shown = "LOGIN ***" }.String(user).Add(" ").String(secret), null, false, ct).ConfigureAwait(false);
    }

    async ValueTask<ImapOutcome?> Authenticate(IReadOnlyList<string> offered, string mechanism, string answer, string lastAnswer, CancellationToken ct)
    {
        var encoded = Base64(answer);
        var isEarly = offered.Contains("SASL-IR"); // RFC 4959.
        var command = new ImapCommand(isEarly ? $"AUTHENTICATE {mechanism} {encoded}" : $"AUTHENTICATE {mechanism}")
        {
            Shown = $"AUTHENTICATE {mechanism} ***", Answer = isEarly ? null : encoded, LastAnswer = lastAnswer,
        };
        return await session.Run(ImapStage.Auth, command, null, false, ct).ConfigureAwait(false);
    }

    /// <summary>RFC 5161: what changes the server's answers is asked for by name. A refusal costs only the extension.</summary>
    async ValueTask<ImapOutcome?> Enable(CancellationToken ct)
    {
        if (!session.Offers("ENABLE") && !session.Offers("IMAP4REV2")) return null;
        List<string> wanted = [];
        if (session.Offers("IMAP4REV2")) wanted.Add("IMAP4rev2");
        if (session.Offers("UTF8=ACCEPT") || session.Offers("UTF8=ONLY")) wanted.Add("UTF8=ACCEPT");
        if (session.Offers("QRESYNC")) wanted.Add("QRESYNC");
        else if (session.Offers("CONDSTORE")) wanted.Add("CONDSTORE");
        if (wanted.Count == 0) return null;
        var outcome = await session.Run(ImapStage.Capability, new ImapCommand("ENABLE " + string.Join(' ', wanted)), (response, _) =>
        {
            if (response.Word != "ENABLED") return ValueTask.CompletedTask;
            while (response.Tokens.Next()) session.IsUtf8 |= response.Tokens.Is("IMAP4REV2") || response.Tokens.Is("UTF8=ACCEPT");
            return ValueTask.CompletedTask;
        }, false, ct).ConfigureAwait(false);
        return session.Wire.IsOpen ? null : outcome;
    }

    /// <summary>RFC 5801 4: "," and "=" are written otherwise.</summary>
    static string SaslName(string user) => user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    static ImapOutcome Unable(string text) => new(ImapStage.Auth, ImapKind.Unsupported, null, text);
}
