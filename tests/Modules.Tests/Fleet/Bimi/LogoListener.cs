using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PenguinMails.Modules.Tests.Fleet.Health;

namespace PenguinMails.Modules.Tests.Fleet.Bimi;

/// <summary>A web server with TLS on loopback that gives one answer to whatever is asked.</summary>
sealed class LogoListener : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly MailListener _authority;
    readonly CancellationTokenSource _stopping = new();
    readonly Task _serving;

    LogoListener(string host, DateTimeOffset now)
    {
        _authority = MailListener.Start(host, now); // It issues certificates that others trust.
        _listener.Start();
        _serving = Serve();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public X509Certificate2Collection Roots => _authority.Roots;

    public (HttpStatusCode Status, string Body) Answer { get; set; } = (HttpStatusCode.OK, "");

    public static LogoListener Start(string host, DateTimeOffset now) => new(host, now);

    async Task Serve()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _authority.Shown }, _stopping.Token);
                var room = new byte[4096];
                var held = 0;
                while (!Encoding.ASCII.GetString(room, 0, held).EndsWith("\r\n\r\n", StringComparison.Ordinal)) held += await tls.ReadAtLeastAsync(room.AsMemory(held), 1, cancellationToken: _stopping.Token);
                var body = Encoding.UTF8.GetBytes(Answer.Body);
                await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(int)Answer.Status} x\r\nContent-Type: image/svg+xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), _stopping.Token);
                await tls.WriteAsync(body, _stopping.Token);
            }
            catch (Exception ended) when (ended is IOException or System.Security.Authentication.AuthenticationException)
            {
                // Whoever asked is gone.
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return; // The end of the test.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _serving;
        _stopping.Dispose();
        await _authority.DisposeAsync();
    }
}
