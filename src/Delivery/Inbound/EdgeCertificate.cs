using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Delivery.Inbound;

/// <summary>The certificate the edge offers STARTTLS with, read again when its files change. Without one it goes on in clear.</summary>
public sealed class EdgeCertificate(EdgeOptions options, TimeProvider clock, ILogger<EdgeCertificate> log)
{
    readonly Lock _gate = new();
    string _stamp = "";
    SslStreamCertificateContext? _held;

    /// <summary>When it ends; null in clear.</summary>
    public DateTimeOffset? Until => Now() is { } held ? new DateTimeOffset(held.TargetCertificate.NotAfter) : null;

    /// <summary>True when others may refuse to send here because of it.</summary>
    public bool IsOver => Until <= clock.GetUtcNow();

    /// <summary>How mail comes in, for people.</summary>
    public string Sentence => Until switch
    {
        null => $"Mail comes in clear: there is no certificate in {options.CertificatePath}.",
        { } until => string.Create(CultureInfo.InvariantCulture, $"Mail comes in over STARTTLS; the certificate {(IsOver ? "ended" : "holds until")} {until.UtcDateTime:yyyy-MM-dd HH:mm} UTC."),
    };

    /// <summary>What is in the files, as long as it can be read: one that is half written or gone does not take the place of the last.</summary>
    public SslStreamCertificateContext? Now()
    {
        lock (_gate)
        {
            var stamp = Stamp(options.CertificatePath) + Stamp(options.KeyPath);
            if (stamp == _stamp) return _held;
            _stamp = stamp;
            if (!File.Exists(options.CertificatePath)) return _held;
            try
            {
                _held = Read(options.CertificatePath, options.KeyPath);
                log.EdgeCertificateRead(_held.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (Exception unfit) when (unfit is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                log.EdgeCertificateUnfit(unfit, options.CertificatePath);
            }

            return _held;
        }
    }

    /// <summary>Before the edge listens.</summary>
    /// <exception cref="InvalidOperationException">Files were named, or lie in their place, and hold no certificate with its key.</exception>
    public void Open()
    {
        if (Now() is null && (options.IsNamed || File.Exists(options.CertificatePath)))
            throw new InvalidOperationException($"{options.CertificatePath} and {options.KeyPath} must be a certificate and its private key in PEM, readable by the user the program runs as. Set PENGUIN__EDGE__CERTIFICATE and PENGUIN__EDGE__KEY, or take the files away to go on without TLS.");
    }

    // The rest of the file are the authorities between: senders that verify (RFC 8461, RFC 7672) need them.
    static SslStreamCertificateContext Read(string certificatePath, string keyPath)
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var file = new X509Certificate2Collection();
        file.ImportFromPemFile(certificatePath);
        return SslStreamCertificateContext.Create(certificate, [.. file.Where(one => one.Thumbprint != certificate.Thumbprint)], offline: true);
    }

    // Clients of ACME put a link to a new file in the place of the old one.
    static string Stamp(string path)
    {
        try
        {
            var file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            return $"{file} {File.GetLastWriteTimeUtc(file).Ticks}\n";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "gone\n";
        }
    }
}
