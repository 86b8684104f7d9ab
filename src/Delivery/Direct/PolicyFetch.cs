using System.Net;
using System.Net.Sockets;
using PenguinMails.Core;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Direct;

/// <summary>MTA-STS policies over HTTPS as RFC 8461 3.3 wants it: verified, no redirects, a minute, 64 KB; to public addresses only.</summary>
sealed class PolicyFetch : IDisposable
{
    static readonly TimeSpan Whole = TimeSpan.FromMinutes(1);

    readonly HttpClient _http;

    public PolicyFetch(Outbound outbound)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = async (context, ct) => new NetworkStream(await outbound.ConnectFrom(null, context.DnsEndPoint, ct), ownsSocket: true),
        };
        _http = new HttpClient(handler) { Timeout = Whole, MaxResponseContentBufferSize = MtaStsPolicy.LengthMax };
    }

    /// <returns>Null when it cannot be had.</returns>
    public async ValueTask<string?> Text(Uri policy, CancellationToken ct)
    {
        try
        {
            using var response = await _http.GetAsync(policy, ct);
            return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadAsStringAsync(ct) : null;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
