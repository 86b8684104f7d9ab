using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PenguinMails.Mail.Smtp;

/// <summary>From the greeting to a session ready for MAIL: EHLO, TLS by policy, AUTH. Null means that the step went well.</summary>
sealed class SmtpHandshake(SmtpWire wire, SmtpClientOptions options)
{
    public SmtpCapabilities Capabilities { get; private set; } = SmtpCapabilities.None;

    public async ValueTask<SmtpOutcome?> Run(CancellationToken ct)
    {
        if (options.Tls == TlsPolicy.Implicit && await Secure(ct).ConfigureAwait(false) is { } unsafeOutcome) return unsafeOutcome;
        var greeting = await wire.Read(options.Timeouts.Greeting, true, null, ct).ConfigureAwait(false);
        if (greeting.Code != 220) return Refusal(SmtpStage.Greeting, greeting);
        return await Ehlo(ct).ConfigureAwait(false) ?? await StartTls(ct).ConfigureAwait(false) ?? await LogIn(ct).ConfigureAwait(false);
    }

    async ValueTask<SmtpOutcome?> Ehlo(CancellationToken ct)
    {
        var lines = new List<string>();
        var reply = await Say($"EHLO {options.EhloName}", null, lines, ct).ConfigureAwait(false);
        if (reply.Code is 500 or 502 && options.Tls is TlsPolicy.None or TlsPolicy.Opportunistic && options.Credentials is null)
        {
            // RFC 5321 3.2: a server that knows no EHLO gets HELO.
            reply = await Say($"HELO {options.EhloName}", null, null, ct).ConfigureAwait(false);
            lines.Clear();
        }
        Capabilities = SmtpCapabilities.Of(lines);
        return reply.Code == 250 ? null : Refusal(SmtpStage.Ehlo, reply);
    }

    async ValueTask<SmtpOutcome?> StartTls(CancellationToken ct)
    {
        if (options.Tls is TlsPolicy.None or TlsPolicy.Implicit) return null;
        if (!Capabilities.StartTls)
            return options.Tls == TlsPolicy.Required ? SmtpOutcome.Unsupported(SmtpStage.Tls, "The server does not offer STARTTLS.") : null;
        var reply = await Say("STARTTLS", null, null, ct).ConfigureAwait(false);
        if (reply.Code != 220) return options.Tls == TlsPolicy.Opportunistic && wire.IsOpen ? null : Refusal(SmtpStage.Tls, reply);
        return await Secure(ct).ConfigureAwait(false) ?? await Ehlo(ct).ConfigureAwait(false);
    }

    [SuppressMessage("Security", "CA5359", Justification = "Opportunistic TLS has no name to verify (RFC 7435 3); credentials are refused on it.")]
    async ValueTask<SmtpOutcome?> Secure(CancellationToken ct)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = options.TlsName ?? options.Server.Host };
        if (options.CertificateCheck is { } check)
        {
            tls.RemoteCertificateValidationCallback = (_, own, chain, _) => own is not null && check(Chain(own, chain));
        }
        else if (options.Tls == TlsPolicy.Opportunistic)
        {
            // RFC 7435 3: an unverified channel is better than a clear one, and no secret goes over it.
            tls.RemoteCertificateValidationCallback = AnyCertificate;
        }
        else if (options.Roots is { } roots)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        var verifies = options.CertificateCheck is not null || options.Tls != TlsPolicy.Opportunistic;
        var trouble = await wire.SecureWith(tls, verifies, options.Timeouts.Command, ct).ConfigureAwait(false);
        return trouble is null ? null : SmtpOutcome.Lost(SmtpStage.Tls, trouble);
    }

    async ValueTask<SmtpOutcome?> LogIn(CancellationToken ct)
    {
        if (options.Credentials is not { } credentials) return null;
        // A password over a channel that anyone may have stripped or faked would be given away.
        if (options.Tls == TlsPolicy.Opportunistic)
            return SmtpOutcome.Unsupported(SmtpStage.Auth, "Logging in needs TLS with a verified certificate.");
        var reply = credentials.IsToken
            ? Offers("XOAUTH2") ? await Token(credentials, ct).ConfigureAwait(false) : default
            : Offers("PLAIN") ? await Say("AUTH PLAIN " + Base64($"\0{credentials.User}\0{credentials.Secret}"), "AUTH PLAIN ***", null, ct).ConfigureAwait(false)
            : Offers("LOGIN") ? await Login(credentials, ct).ConfigureAwait(false)
            : default;
        if (reply == default) return SmtpOutcome.Unsupported(SmtpStage.Auth, "The server offers no way to log in that these credentials fit.");
        return reply.IsPositive ? null : Refusal(SmtpStage.Auth, reply);
    }

    async ValueTask<SmtpReply> Token(SmtpCredentials credentials, CancellationToken ct)
    {
        var answer = Base64($"user={credentials.User}\u0001auth=Bearer {credentials.Secret}\u0001\u0001");
        var reply = await Say("AUTH XOAUTH2 " + answer, "AUTH XOAUTH2 ***", null, ct).ConfigureAwait(false);
        // A refusal comes as 334 with details; an empty line asks for the code that ends the exchange.
        return reply.Code == 334 ? await Say("", null, null, ct).ConfigureAwait(false) : reply;
    }

    async ValueTask<SmtpReply> Login(SmtpCredentials credentials, CancellationToken ct)
    {
        var reply = await Say("AUTH LOGIN", null, null, ct).ConfigureAwait(false);
        if (reply.Code == 334) reply = await Say(Base64(credentials.User), "***", null, ct).ConfigureAwait(false);
        return reply.Code == 334 ? await Say(Base64(credentials.Secret), "***", null, ct).ConfigureAwait(false) : reply;
    }

    async ValueTask<SmtpReply> Say(string line, string? shown, List<string>? lines, CancellationToken ct)
    {
        wire.Dialogue?.Client(shown ?? line);
        var fault = await wire.Write(Encoding.UTF8.GetBytes(line + CrLf.Text), options.Timeouts.Command, ct).ConfigureAwait(false);
        // A server may have said why before it hung up, so even a failed write is followed by a read.
        var reply = await wire.Read(options.Timeouts.Command, true, lines, ct).ConfigureAwait(false);
        return fault == ReplyFault.None || reply.Fault == ReplyFault.None ? reply : SmtpReply.Failed(fault);
    }

    internal static IReadOnlyList<X509Certificate2> Chain(X509Certificate own, X509Chain? chain) => chain is { ChainElements.Count: > 0 }
        ? [.. chain.ChainElements.Select(element => element.Certificate)]
        : [own as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(own.GetRawCertData())];

    static bool AnyCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    bool Offers(string mechanism) => Capabilities.Auth.Contains(mechanism);

    static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A positive reply of the wrong kind is no way forward, and no success either.</summary>
    static SmtpOutcome Refusal(SmtpStage stage, SmtpReply reply)
    {
        var outcome = SmtpOutcome.Of(stage, reply);
        return outcome.Kind == SmtpKind.Accepted ? outcome with { Kind = SmtpKind.ConnectionLostBeforeData } : outcome;
    }
}
