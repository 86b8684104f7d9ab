using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Health;

/// <summary>What a mail server showed when asked for TLS.</summary>
/// <param name="Problem">Why there was no certificate to see; empty when there was.</param>
/// <param name="LacksTls">The server answered and offers no TLS.</param>
/// <param name="NotAfter">End of its validity.</param>
/// <param name="Chain">Why no authority vouches for it; empty when one does.</param>
sealed record CertificateSight(string Problem, bool LacksTls, DateTimeOffset NotAfter, string Issuer, bool IsNameRight, string Chain)
{
    public static CertificateSight None(string problem, bool lacksTls = false) => new(problem, lacksTls, default, "", false, "");
}

/// <summary>Connects as a mail program would and looks at the certificate. Sends neither mail nor a password.</summary>
static class ReadCertificate
{
    const int ReplyOctetsMax = 8 * 1024;

    /// <param name="isSmtp">Asks for TLS by STARTTLS (RFC 3207); else TLS comes first (RFC 8314 3.2).</param>
    public static async Task<CertificateSight> Run(string host, int port, bool isSmtp, HealthReach reach, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(reach.Settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await using var wire = new NetworkStream(await reach.Outbound.Connect(new DnsEndPoint(host, port), either.Token), ownsSocket: true);
            if (isSmtp && await AskForTls(wire, reach.Hosts.Mail, either.Token) is { } refused) return refused;
            return await Look(wire, host, reach.Settings.Roots, clock.GetUtcNow(), either.Token);
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return CertificateSight.None($"{host} did not answer on port {port} in time.");
        }
        catch (OutboundRefused refused)
        {
            return CertificateSight.None(refused.Message);
        }
        catch (SocketException failed)
        {
            return CertificateSight.None($"{host} cannot be reached on port {port}: {failed.SocketErrorCode}.");
        }
        catch (Exception failed) when (failed is IOException or AuthenticationException)
        {
            return CertificateSight.None($"{host} ended the conversation on port {port} before it showed a certificate.");
        }
    }

    static async Task<CertificateSight?> AskForTls(NetworkStream wire, string ehlo, CancellationToken ct)
    {
        if (!(await Reply(wire, ct)).StartsWith("220", StringComparison.Ordinal)) return CertificateSight.None("The server greets with no 220, so it takes nothing now.");
        await wire.WriteAsync(Encoding.ASCII.GetBytes($"EHLO {ehlo}\r\n"), ct);
        var offered = await Reply(wire, ct);
        if (!offered.Split('\n').Any(line => line.Length > 4 && line[4..].Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
            return CertificateSight.None("The server offers no STARTTLS.", lacksTls: true);
        await wire.WriteAsync("STARTTLS\r\n"u8.ToArray(), ct);
        return (await Reply(wire, ct)).StartsWith("220", StringComparison.Ordinal) ? null : CertificateSight.None("The server offers STARTTLS and refuses it.", lacksTls: true);
    }

    // RFC 5321 4.2.1: the last line of a reply has a blank after its code.
    static async Task<string> Reply(NetworkStream wire, CancellationToken ct)
    {
        var room = new byte[ReplyOctetsMax];
        var held = 0;
        while (held < room.Length)
        {
            var got = await wire.ReadAsync(room.AsMemory(held), ct);
            if (got == 0) throw new IOException("The server hung up.");
            held += got;
            var text = Encoding.Latin1.GetString(room, 0, held);
            if (text.EndsWith('\n') && text.TrimEnd().Split('\n')[^1] is var last && (last.Length < 4 || last[3] != '-')) return text;
        }

        throw new IOException("The reply does not end.");
    }

    static async Task<CertificateSight> Look(NetworkStream wire, string host, X509Certificate2Collection roots, DateTimeOffset now, CancellationToken ct)
    {
        CertificateSight? seen = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateChainPolicy = Policy(roots, now),
            RemoteCertificateValidationCallback = (_, shown, chain, errors) => (seen = Sight(shown, chain, errors)) is not null, // Nothing secret follows: whatever is shown is only looked at.
        };
        await using var tls = new SslStream(wire, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(options, ct);
        return seen ?? CertificateSight.None("The server showed no certificate.");
    }

    static X509ChainPolicy Policy(X509Certificate2Collection roots, DateTimeOffset now)
    {
        // What a certificate names to be fetched would be asked from inside this network.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, VerificationTime = now.UtcDateTime };
        if (roots.Count == 0) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    static CertificateSight? Sight(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate) return null;
        var faults = (chain?.ChainStatus ?? []).Select(status => status.Status).Where(status => status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.NotTimeValid)).Distinct();
        return new CertificateSight("", false, new DateTimeOffset(certificate.NotAfter.ToUniversalTime()), certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
            !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch), string.Join(", ", faults));
    }
}
