using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PenguinMails.Mail.Tests.Smtp;

static class TestCertificate
{
    /// <summary>Self-signed for one name, good for a day.</summary>
    public static X509Certificate2 For(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
