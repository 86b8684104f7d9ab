using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Apis;

/// <summary>Calls to the HTTP API of a provider, through the guard of outbound connections. The credential stands in a header or in the body, never in an address, and comes back in no problem.</summary>
sealed class ApiCall : IDisposable
{
    const int AnswerOctetsMax = 8 * 1024 * 1024;
    const int SaidLengthMax = 300;
    const int RetryAfterSecondsMax = 3600;

    readonly HttpClient _client;
    readonly string _host;
    readonly string _secret;
    readonly ApiWords _words;

    /// <param name="root">Every path is below it.</param>
    /// <param name="header">Name and value of the header that carries the credential; null when each request is signed or carries it in its body.</param>
    public ApiCall(Uri root, string host, (string Name, string Value)? header, string secret, ApiWords words, Outbound outbound, TimeSpan timeout)
    {
        (_host, _secret, _words, Root) = (host, secret, words, root);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // A redirect would take the credential along.
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (context, ct) => new NetworkStream(await outbound.Connect(context.DnsEndPoint, ct), ownsSocket: true),
        };
        _client = new HttpClient(handler) { BaseAddress = root, Timeout = timeout, MaxResponseContentBufferSize = AnswerOctetsMax };
        if (header is { } one) _client.DefaultRequestHeaders.TryAddWithoutValidation(one.Name, one.Value);
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("PenguinMails", null));
    }

    public Uri Root { get; }

    /// <summary>The answer as JSON; a default element when it is empty.</summary>
    public async Task<Result<JsonElement>> Send(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await Json(request, ct);
    }

    /// <summary>A form, for APIs that take no JSON; the answer as JSON.</summary>
    public async Task<Result<JsonElement>> Form(string path, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        return await Json(request, ct);
    }

    async Task<Result<JsonElement>> Json(HttpRequestMessage request, CancellationToken ct)
    {
        var answer = await Text(request, ct);
        if (answer.Problem is { } problem) return problem;
        if (answer.Value.Length == 0) return default(JsonElement);
        try
        {
            using var document = JsonDocument.Parse(answer.Value, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Unclear;
        }
    }

    public async Task<Result<string>> Text(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            using var answer = await _client.SendAsync(request, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            return Refused(answer, text) is { } problem ? problem : text;
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return new Problem(ProblemKind.Unavailable, Code("host_silent"), $"{_host} did not answer in time. Whether the change was made is seen when it is tried again: nothing is done twice.");
        }
        catch (HttpRequestException failed)
        {
            return failed.InnerException is OutboundRefused refused
                ? new Problem(ProblemKind.Conflict, Code("host_unreachable"), refused.Message)
                : new Problem(ProblemKind.Unavailable, Code("host_unreachable"), $"{_host} cannot be reached: {failed.HttpRequestError}.");
        }
    }

    public Problem Unclear => new(ProblemKind.Unavailable, Code("host_unclear"), $"{_host} answered with something that is not what its description says. Check that the address is that of its API.");

    /// <summary>For refusals that come with a status of success.</summary>
    public Problem Refusal(string said) => new(ProblemKind.Conflict, Code("host_refused"), $"{_host} refused: {Said(said)}");

    public Problem CredentialRefused => new(ProblemKind.Conflict, Code("credential_refused"), $"{_host} does not accept the credential. Make a new one there and enter it here.");

    string Code(string last) => $"{_words.Prefix}.{last}";

    Problem? Refused(HttpResponseMessage answer, string text) => answer.StatusCode switch
    {
        >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => null,
        HttpStatusCode.Unauthorized => CredentialRefused,
        HttpStatusCode.Forbidden => new Problem(ProblemKind.Conflict, Code("credential_refused"), $"The credential may not do this at {_host}. It needs the right {_words.Right}."),
        HttpStatusCode.NotFound => new Problem(ProblemKind.Conflict, _words.MissingCode, $"{_host} knows {_words.Missing}."),
        HttpStatusCode.TooManyRequests => new Problem(ProblemKind.Unavailable, Code("host_busy"), $"{_host} asks to wait before the next request.") { RetryAfterSeconds = Wait(answer) },
        >= HttpStatusCode.InternalServerError => new Problem(ProblemKind.Unavailable, Code("host_failed"), $"{_host} failed with {(int)answer.StatusCode}. It is tried again."),
        _ => new Problem(ProblemKind.Conflict, Code("host_refused"), $"{_host} refused with {(int)answer.StatusCode}: {Said(text)}"),
    };

    // RFC 9110 10.2.3, seconds only: a date needs their clock to be ours. A moment of reset, as DigitalOcean names it, is read by the date of the same answer.
    static int? Wait(HttpResponseMessage answer)
    {
        var seconds = answer.Headers.RetryAfter?.Delta is { } wait ? (long)wait.TotalSeconds
            : answer.Headers.Date is { } theirs && answer.Headers.TryGetValues("ratelimit-reset", out var moments) && long.TryParse(moments.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var reset) ? reset - theirs.ToUnixTimeSeconds()
            : (long?)null;
        return seconds is { } known ? (int)Math.Clamp(known, 1, RetryAfterSecondsMax) : null;
    }

    /// <summary>Their words, cut, on one line, and without the credential should they repeat it.</summary>
    string Said(string text)
    {
        var plain = new string([.. text.Take(SaidLengthMax * 4).Select(c => char.IsControl(c) ? ' ' : c)]);
        if (_secret.Length > 0) plain = plain.Replace(_secret, "…", StringComparison.Ordinal);
        return plain.Length <= SaidLengthMax ? plain : plain[..SaidLengthMax] + "…";
    }

    public void Dispose() => _client.Dispose();
}
