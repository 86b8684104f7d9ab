using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Dns;

/// <summary>Fetches a logo and its certificate as a receiver would, through the guard of outbound connections, and says what a receiver would refuse.</summary>
static class FetchBimi
{
    const int EvidenceOctetsMax = 256 * 1024;
    const string ForBrandMarks = "1.3.6.1.5.5.7.3.31"; // RFC draft-chuang-bimi-certificate, 4.1.

    /// <summary>Null when receivers would take it.</summary>
    public static async Task<FieldProblem?> Wrong(string domain, string logo, string evidence, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (logo.Length > 0 && await Logo(logo, reach, clock, ct) is { } bad) return new("bimi_logo", bad);
        return evidence.Length > 0 && await Evidence(domain, evidence, reach, clock, ct) is { } worse ? new("bimi_evidence", worse) : null;
    }

    static async Task<string?> Logo(string address, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (Address(address, ".svg") is not { } uri) return "Give an https address that ends in .svg, such as https://acme.example/logo.svg.";
        var (file, problem) = await Get(uri, JudgeBimiLogo.OctetsMax, reach, clock, ct);
        return file is null ? problem : JudgeBimiLogo.Wrong(file);
    }

    static async Task<string?> Evidence(string domain, string address, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (Address(address, ".pem") is not { } uri) return "Give an https address that ends in .pem, as the authority that made the certificate asks.";
        var (file, problem) = await Get(uri, EvidenceOctetsMax, reach, clock, ct);
        return file is null ? problem : Judge(Encoding.ASCII.GetString(file), domain, clock.GetUtcNow());
    }

    /// <summary>By its words alone: whether a known authority signed it is the receiver's to judge.</summary>
    internal static string? Judge(string pem, string domain, DateTimeOffset now)
    {
        X509Certificate2 certificate;
        try { certificate = X509Certificate2.CreateFromPem(pem); }
        catch (CryptographicException) { return "The file holds no certificate in PEM form."; }
        using (certificate)
        {
            if (now.UtcDateTime > certificate.NotAfter.ToUniversalTime()) return $"The certificate expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}: renew it.";
            if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ForBrandMarks] is not null)) return "The certificate is not one for logos (VMC or CMC).";
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()).ToList();
            return names.Any(name => domain == name || DesiredBimi.NameOf(domain) == name || domain.EndsWith("." + name, StringComparison.Ordinal)) ? null : $"The certificate is not for {domain}.";
        }
    }

    /// <summary>Addresses go into a DNS record, where a semicolon or a blank would end them.</summary>
    static Uri? Address(string text, string ending) =>
        text.Length <= 200 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny(";,\"\\") && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme == "https" && uri.UserInfo.Length == 0 && uri.AbsolutePath.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? uri : null;

    static async Task<(byte[]? File, string Problem)> Get(Uri uri, int octetsMax, DnsReach reach, TimeProvider clock, CancellationToken ct)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // Receivers do not follow either.
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (context, stop) => new NetworkStream(await reach.Outbound.Connect(context.DnsEndPoint, stop), ownsSocket: true),
        };
        if (reach.Roots.Count > 0) handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Policy(reach.Roots, clock.GetUtcNow()) };
        using var client = new HttpClient(handler) { Timeout = reach.HostTimeout, MaxResponseContentBufferSize = octetsMax };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("PenguinMails", null));
        try
        {
            using var answer = await client.GetAsync(uri, ct);
            return answer.IsSuccessStatusCode ? (await answer.Content.ReadAsByteArrayAsync(ct), "") : (null, $"{uri.Host} answers with {(int)answer.StatusCode} at this address; receivers want the file itself.");
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return (null, $"{uri.Host} did not answer in time.");
        }
        catch (HttpRequestException failed)
        {
            return (null, failed.InnerException is OutboundRefused refused ? refused.Message
                : failed.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"The file is larger than {octetsMax / 1024} KB."
                : $"{uri.Host} cannot be reached: {failed.HttpRequestError}.");
        }
    }

    static X509ChainPolicy Policy(X509Certificate2Collection roots, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, VerificationTime = now.UtcDateTime, TrustMode = X509ChainTrustMode.CustomRootTrust };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
