using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Links;
using PenguinMails.Fleet.Domains;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Modules.Tests.Delivery;

/// <summary>The edge with a certificate below an authority's authority, which senders verify up to the root.</summary>
public sealed class EdgeTlsTests(TestDatabase database) : IDisposable
{
    const string Name = "mx.penguin.test";
    static readonly DateTimeOffset Today = TimeProvider.System.GetUtcNow();
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-edge-").FullName;
    readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), _betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    string CertificatePath => Path.Combine(_folder, "edge.pem");
    string KeyPath => Path.Combine(_folder, "edge.key");

    public void Dispose()
    {
        _rootKey.Dispose();
        _betweenKey.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Mail_comes_in_under_a_certificate_that_the_senders_verify_and_a_new_one_is_taken_up()
    {
        await using var world = await SendingWorld.Create(database);
        await world.Enqueue("anna@firm.example");
        await world.Dispatch();
        var to = EmailAddress.Parse($"b-{world.Tokens.For((await world.Only()).Id, TokenPurpose.Link)}@bounce.example.com");
        var root = Issue(Today.AddDays(30));
        var (edge, certificate) = await Start();
        Assert.Equal(SmtpKind.Accepted, (await Send(edge, to, root)).Kind);
        var first = await Shown(edge);
        Assert.Contains("holds until", certificate.Sentence);

        root = Issue(Today.AddDays(60));
        Assert.Equal(SmtpKind.Accepted, (await Send(edge, to, root)).Kind);
        var second = await Shown(edge);
        Assert.NotEqual(first, second);
        Assert.Equal(Today.AddDays(60).ToUnixTimeSeconds(), certificate.Until?.ToUnixTimeSeconds());

        await File.WriteAllTextAsync(CertificatePath, "-----BEGIN CERTIFICATE-----\nhalf of i", Ct);
        Assert.Equal(second, await Shown(edge));
        File.Delete(CertificatePath);
        Assert.Equal(second, await Shown(edge));
        await edge.StopAsync(Ct);
    }

    [Fact]
    public async Task Without_a_certificate_mail_comes_in_clear_and_that_is_said()
    {
        var (edge, certificate) = await Start();
        Assert.Contains("there is no certificate in " + CertificatePath, certificate.Sentence);
        Assert.Null(certificate.Until);
        var opening = await SmtpConnection.Open(Client(edge, null, TlsPolicy.Opportunistic), SmtpConnectors.Direct, TimeProvider.System, Ct);
        Assert.False(opening.Connection?.Capabilities.StartTls);
        await opening.Connection!.DisposeAsync();

        var root = Issue(Today.AddDays(30)); // Put there while it runs.
        Assert.Equal((SmtpKind.PermanentRefusal, 550), (await Send(edge, EmailAddress.Parse("nobody@else.example"), root)) is var refused ? (refused.Kind, refused.Code) : default);
        await edge.StopAsync(Ct);
    }

    [Fact]
    public async Task One_that_has_ended_is_said_to_have()
    {
        Issue(Today.AddSeconds(-1));
        var (edge, certificate) = await Start();
        Assert.True(certificate.IsOver);
        Assert.Contains("ended", certificate.Sentence);
        await edge.StopAsync(Ct);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Another_program_agrees_on_either_version(string version)
    {
        Issue(Today.AddDays(30));
        var (edge, _) = await Start();
        var info = new ProcessStartInfo("openssl", ["s_client", "-starttls", "smtp", "-connect", edge.Endpoint!.ToString(), version])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var client = Process.Start(info)!;
        client.StandardInput.Close();
        var errors = client.StandardError.ReadToEndAsync(Ct);
        var said = await client.StandardOutput.ReadToEndAsync(Ct) + await errors;
        await client.WaitForExitAsync(Ct);
        Assert.Contains("subject=CN = " + Name, said);
        Assert.DoesNotContain("Cipher is (NONE)", said);
        await edge.StopAsync(Ct);
    }

    [Fact]
    public async Task Files_that_somebody_named_must_be_there_before_the_edge_listens()
    {
        Assert.Contains("PENGUIN__EDGE__CERTIFICATE", (await Assert.ThrowsAsync<InvalidOperationException>(() => Start(isNamed: true))).Message);
        await File.WriteAllTextAsync(CertificatePath, "no certificate", Ct);
        Assert.Contains(CertificatePath, (await Assert.ThrowsAsync<InvalidOperationException>(() => Start())).Message);
    }

    async Task<(EdgeServer, EdgeCertificate)> Start(bool isNamed = false)
    {
        var options = new EdgeOptions(new(IPAddress.Loopback, 0), Name, CertificatePath, KeyPath, isNamed);
        var certificate = new EdgeCertificate(options, TimeProvider.System, NullLogger<EdgeCertificate>.Instance);
        var edge = new EdgeServer(options, certificate, database.Db, new DnsSettings(null), TimeProvider.System, NullLogger<EdgeServer>.Instance);
        await edge.StartAsync(Ct);
        return (edge, certificate);
    }

    static SmtpClientOptions Client(EdgeServer edge, X509Certificate2? root, TlsPolicy tls) => new()
    {
        Server = new DnsEndPoint("127.0.0.1", edge.Endpoint!.Port), EhloName = "sender.example", Tls = tls, TlsName = Name, Roots = root is null ? null : [root], Timeouts = SmtpTimeouts.AtMost(TimeSpan.FromSeconds(30)),
    };

    static async Task<SmtpOutcome> Send(EdgeServer edge, EmailAddress to, X509Certificate2 root)
    {
        var opening = await SmtpConnection.Open(Client(edge, root, TlsPolicy.Required), SmtpConnectors.Direct, TimeProvider.System, Ct);
        if (opening.Connection is not { } connection) return opening.Refusal!;
        await using (connection) return await connection.Send(new SmtpEnvelope(null, to), "Subject: Hello\r\n\r\nHello\r\n"u8.ToArray(), null, Ct);
    }

    static async Task<string> Shown(EdgeServer edge)
    {
        var shown = "";
        var opening = await SmtpConnection.Open(Client(edge, null, TlsPolicy.Required) with { CertificateCheck = chain => (shown = chain[0].Thumbprint).Length > 0 }, SmtpConnectors.Direct, TimeProvider.System, Ct);
        await opening.Connection!.DisposeAsync();
        return shown;
    }

    /// <summary>Writes a certificate with the authority between, and its key. The root, which is in neither file.</summary>
    X509Certificate2 Issue(DateTimeOffset until)
    {
        var root = Authority("CN=Root", _rootKey).CreateSelfSigned(Today.AddYears(-1), Today.AddYears(1));
        using var bare = Authority("CN=Between", _betweenKey).Create(root, Today.AddDays(-300), Today.AddDays(300), RandomNumberGenerator.GetBytes(8));
        using var between = bare.CopyWithPrivateKey(_betweenKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(between, Today.AddDays(-30), until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertificatePath, $"{leaf.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n");
        return root;
    }

    static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
