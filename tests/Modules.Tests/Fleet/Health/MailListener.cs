using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PenguinMails.Modules.Tests.Fleet.Health;

/// <summary>A mail server up to its certificate: STARTTLS on one port, TLS at once on the other.</summary>
sealed class MailListener : IAsyncDisposable
{
    readonly TcpListener _submission = new(IPAddress.Loopback, 0);
    readonly TcpListener _imaps = new(IPAddress.Loopback, 0);
    readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    readonly X509Certificate2 _root;
    readonly CancellationTokenSource _stopping = new();
    readonly Task _serving;

    MailListener(string host, DateTimeOffset now)
    {
        var request = new CertificateRequest("CN=Root of the tests", _rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(now.AddYears(-10), now.AddYears(10));
        Shown = Issue(host, now.AddDays(-30), now.AddDays(60));
        _submission.Start();
        _imaps.Start();
        _serving = Task.WhenAll(Serve(_submission, Submission), Serve(_imaps, Secure));
    }

    public int SubmissionPort => ((IPEndPoint)_submission.LocalEndpoint).Port;
    public int ImapsPort => ((IPEndPoint)_imaps.LocalEndpoint).Port;
    public X509Certificate2Collection Roots => [_root];

    /// <summary>The certificate it shows; at first 60 days are left of it.</summary>
    public X509Certificate2 Shown { get; set; }

    /// <summary>Its answer to EHLO.</summary>
    public string Offers { get; set; } = "250-mail\r\n250-PIPELINING\r\n250 STARTTLS\r\n";

    /// <summary>Takes connections and says nothing.</summary>
    public bool IsSilent { get; set; }

    public static MailListener Start(string host, DateTimeOffset now) => new(host, now);

    public X509Certificate2 Issue(string host, DateTimeOffset from, DateTimeOffset until, bool isSelfSigned = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        if (isSelfSigned) return request.CreateSelfSigned(from, until);
        using var bare = request.Create(_root, from, until, RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    async Task Serve(TcpListener listener, Func<Stream, Task> converse)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(_stopping.Token);
                await using var wire = client.GetStream();
                if (IsSilent) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stopping.Token);
                try { await converse(wire); }
                catch (Exception ended) when (ended is IOException or System.Security.Authentication.AuthenticationException) { /* Whoever asked is gone. */ }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    async Task Submission(Stream wire)
    {
        await Say(wire, "220-mail ESMTP\r\n220 ready\r\n");
        Assert.StartsWith("EHLO ", await Hear(wire));
        await Say(wire, Offers);
        if (await Hear(wire) != "STARTTLS") return;
        await Say(wire, "220 go ahead\r\n");
        await Secure(wire);
    }

    async Task Secure(Stream wire)
    {
        await using var tls = new SslStream(wire, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Shown }, _stopping.Token);
        _ = await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, _stopping.Token);
    }

    Task Say(Stream wire, string text) => wire.WriteAsync(Encoding.ASCII.GetBytes(text), _stopping.Token).AsTask();

    async Task<string> Hear(Stream wire)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await wire.ReadAsync(one, _stopping.Token) == 1 && one[0] != '\n') line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _submission.Stop();
        _imaps.Stop();
        await _serving;
        _stopping.Dispose();
        _rootKey.Dispose();
    }
}
