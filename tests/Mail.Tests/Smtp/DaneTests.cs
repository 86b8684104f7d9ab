using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PenguinMails.Mail.Dns;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Mail.Tests.Smtp;

/// <summary>Certificates known by TLSA records (RFC 6698, 7672).</summary>
public sealed class DaneTests
{
    [Theory]
    [InlineData(3, 1, 1, true)]
    [InlineData(3, 0, 2, true)]
    [InlineData(3, 1, 0, true)]
    [InlineData(2, 1, 1, false)] // The server's own certificate is no anchor above itself.
    [InlineData(1, 1, 1, false)] // RFC 7672 3.1.3: not for SMTP.
    [InlineData(3, 2, 1, false)]
    public void The_servers_own_certificate_is_known_by_its_record(int usage, int selector, int matching, bool accepted)
    {
        using var certificate = TestCertificate.For("mx.example.net");
        var selected = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        var association = matching switch { 1 => SHA256.HashData(selected), 2 => SHA512.HashData(selected), _ => selected };
        var record = TlsaRecord.Read(new DnsRecord("_25._tcp.mx.example.net", DnsType.Tlsa, 300, $"{usage} {selector} {matching} {Convert.ToHexStringLower(association)}", 0))!;
        Assert.Equal(accepted, Dane.Accepts([record], [certificate], ["elsewhere.example"]));
        using var other = TestCertificate.For("mx.example.net");
        Assert.False(Dane.Accepts([record], [other], ["mx.example.net"]));
    }

    [Theory]
    [InlineData("mx.example.net", true)]
    [InlineData("elsewhere.example", false)]
    public void An_anchor_counts_for_the_names_of_the_certificate_below_it(string name, bool accepted)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("mx.example.net");
        request.CertificateExtensions.Add(names.Build());
        using var own = request.Create(root, now.AddDays(-1), now.AddDays(1), [1, 2, 3]);
        var record = new TlsaRecord(2, 0, 1, SHA256.HashData(root.RawData));
        Assert.Equal(accepted, Dane.Accepts([record], [own, root], [name]));
        Assert.False(Dane.Accepts([record], [own], [name])); // The anchor was not sent.
    }

    [Theory]
    [InlineData("3 1 1")]
    [InlineData("3 1 1 zz")]
    [InlineData("3 1 1 abc")]
    [InlineData("x 1 1 ab")]
    public void A_broken_record_is_none(string value) => Assert.Null(TlsaRecord.Read(new DnsRecord("x", DnsType.Tlsa, 1, value, 0)));
}
