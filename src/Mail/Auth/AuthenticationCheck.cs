using PenguinMails.Mail.Dns;

namespace PenguinMails.Mail.Auth;

/// <summary>All verdicts on one message.</summary>
/// <param name="Dkim">One for each signature; empty for an unsigned message.</param>
/// <param name="Spf">Null when no client was given.</param>
public sealed record AuthenticationVerdicts(IReadOnlyList<DkimVerdict> Dkim, SpfVerdict? Spf, DmarcVerdict Dmarc, ArcVerdict Arc);

/// <summary>DKIM, SPF, DMARC and ARC in one go, each name asked for once where the lookup remembers.</summary>
public static class AuthenticationCheck
{
    /// <param name="message">Any octets.</param>
    /// <param name="client">The SMTP session it came by; null when unknown, and then DMARC rests on DKIM alone.</param>
    /// <param name="suffixes">Null for the tree walk of RFC 9989.</param>
    /// <param name="now">For x= of signatures.</param>
    public static async ValueTask<AuthenticationVerdicts> Run(
        ReadOnlyMemory<byte> message, SpfQuestion? client, IDnsLookup dns, PublicSuffixList? suffixes, DateTimeOffset now, CancellationToken ct)
    {
        var raw = RawMessage.Read(message);
        var dkim = await DkimVerifier.Verify(raw, dns, now, ct).ConfigureAwait(false);
        var spf = client is null ? null : await SpfChecker.Check(client, dns, ct).ConfigureAwait(false);
        var dmarc = await new DmarcChecker(dns, suffixes).Check(raw, dkim, spf, ct).ConfigureAwait(false);
        return new AuthenticationVerdicts(dkim, spf, dmarc, await ArcVerifier.Verify(raw, dns, now, ct).ConfigureAwait(false));
    }
}
