using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace PenguinMails.Secrets.Vault;

/// <summary>One request to Vault.</summary>
/// <param name="Path">Below <c>/v1/</c>; every segment is of characters that need no escaping.</param>
/// <param name="IsRepeatable">True where doing it twice is the same as once: only then is a failure tried again.</param>
sealed record VaultCall(HttpMethod Method, string Path, object? Body = null, bool IsRepeatable = false)
{
    public string? Token { get; init; }

    public int? WrapSeconds { get; init; }

    // Bodies and tokens are secrets.
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>Speaks HTTP with the one configured Vault: no proxy, no redirects, no cookies, no other host; 1 MiB an answer.</summary>
/// <remarks>Repeatable calls are tried up to three times after a lost connection, 412, 429 or 5xx but a seal; others only where nothing was sent yet.</remarks>
sealed class VaultWire : IDisposable
{
    const int AttemptsMax = 3;
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(2);

    readonly VaultOptions _options;
    readonly TimeProvider _clock;
    readonly HttpClient _http;

    public VaultWire(VaultOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = Connect, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (options.CaFile is { } file) handler.SslOptions.CertificateChainPolicy = Trusting(file);
        _http = new HttpClient(handler) { BaseAddress = options.Address, Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = VaultAnswer.BodyBytesMax };
    }

    /// <exception cref="HttpRequestException">No connection, or an answer too long.</exception>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public async Task<VaultAnswer> Send(VaultCall call, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await Once(call, ct);
                if (attempt >= AttemptsMax || !MayRepeat(call, answer)) return answer;
                await Task.Delay(Delay(attempt, answer.RetryAfterSeconds), _clock, ct);
            }
            catch (Exception lost) when (lost is HttpRequestException or TimeoutException && attempt < AttemptsMax && MayRepeat(call, lost))
            {
                await Task.Delay(Delay(attempt, null), _clock, ct);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    async Task<VaultAnswer> Once(VaultCall call, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(_options.TimeoutSeconds), _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        using var request = new HttpRequestMessage(call.Method, "v1/" + call.Path);
        request.Headers.Add("X-Vault-Request", "true");
        if (call.Token is { } token) request.Headers.Add("X-Vault-Token", token);
        if (_options.Namespace is { } space) request.Headers.Add("X-Vault-Namespace", space);
        if (call.WrapSeconds is { } seconds) request.Headers.Add("X-Vault-Wrap-TTL", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds}s"));
        if (call.Body is { } body)
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(either.Token);
            return VaultAnswer.Of((int)response.StatusCode, bytes, response.Headers.RetryAfter?.Delta is { } delta ? (int)Math.Min(delta.TotalSeconds, 3600) : null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Vault at {_options.Address.Authority} did not answer within {_options.TimeoutSeconds} s.");
        }
    }

    static bool MayRepeat(VaultCall call, VaultAnswer answer) => answer.Status switch
    {
        429 => true, // Not taken up at all.
        412 => call.IsRepeatable,
        503 => call.IsRepeatable && !answer.Says("sealed"),
        >= 500 => call.IsRepeatable,
        _ => false,
    };

    static bool MayRepeat(VaultCall call, Exception lost) =>
        call.IsRepeatable || lost is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    static TimeSpan Delay(int attempt, int? asked)
    {
        var delay = asked is { } seconds ? TimeSpan.FromSeconds(seconds) : FirstDelay * Math.Pow(3, attempt - 1);
        return delay < DelayMax ? delay : DelayMax;
    }

    // The guard of outgoing connections does not apply: an operator named this host. So no other may be reached from here.
    async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        if (context.DnsEndPoint.Port != _options.Address.Port || !context.DnsEndPoint.Host.Equals(_options.Address.IdnHost, StringComparison.OrdinalIgnoreCase))
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"Only {_options.Address.Authority} may be reached as Vault.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
