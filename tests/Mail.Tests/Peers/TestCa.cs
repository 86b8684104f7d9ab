using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PenguinMails.Mail.Tests.Peers;

/// <summary>A certificate authority for one test: what it issues verifies by its root and by nothing else.</summary>
sealed class TestCa : IDisposable
{
    static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    readonly X509Certificate2 _root = Make("CN=Test authority", null, null, isAuthority: true);

    public X509Certificate2Collection Roots => [_root];

    /// <summary>Certificate and key of a server, as files that daemons read: <c>‹folder›/tls.pem</c> and <c>tls.key</c>.</summary>
    public X509Certificate2 Issue(string name, string? folder = null)
    {
        var made = Make("CN=" + name, name, _root, isAuthority: false);
        if (folder is null) return made;
        File.WriteAllText(Path.Combine(folder, "tls.pem"), made.ExportCertificatePem());
        using var key = made.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(Path.Combine(folder, "tls.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return made;
    }

    public void Dispose() => _root.Dispose();

    static X509Certificate2 Make(string subject, string? name, X509Certificate2? issuer, bool isAuthority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        if (issuer is null) return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(2));
        using var signed = request.Create(issuer, Now.AddHours(-1), Now.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(key);
    }
}
