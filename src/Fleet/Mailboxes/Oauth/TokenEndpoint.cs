using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using PenguinMails.Core;
using PenguinMails.Fleet.Apis;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>The token end points of the providers (RFC 6749 3.2), through the guard of outgoing connections. Codes, tokens and the client's secret stand in bodies only; of what a provider says, no more than its error word comes back.</summary>
sealed class TokenEndpoint : IDisposable
{
    const int AnswerOctetsMax = 256 * 1024;
    const int RetryAfterSecondsUsual = 30, RetryAfterSecondsMax = 3600;
    const int WordLengthMax = 60;

    // The person has to come back: RFC 6749 5.2, and what OpenID Connect Core 3.1.2.6 and Microsoft add.
    static readonly string[] Lost = ["invalid_grant", "interaction_required", "consent_required", "login_required"];

    static readonly string[] Passing = ["temporarily_unavailable", "server_error", "slow_down"];

    readonly HttpClient _client;

    public TokenEndpoint(Outbound outbound, OauthSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // A redirect would take the tokens along.
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectCallback = async (context, ct) => new NetworkStream(await outbound.Connect(context.DnsEndPoint, ct), ownsSocket: true),
        };
        _client = new HttpClient(handler) { Timeout = settings.Timeout, MaxResponseContentBufferSize = AnswerOctetsMax };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("PenguinMails", null));
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    /// <summary>A code for tokens, with the verifier of its challenge (RFC 7636 4.5).</summary>
    public Task<Result<TokenAnswer>> Exchange(OauthProvider provider, string code, string verifier, Uri callback, CancellationToken ct) =>
        Ask(provider, [new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", callback.AbsoluteUri), new("code_verifier", verifier)], ct);

    /// <summary>A new access token. Refuses with <c>mailbox.consent_lost</c>, <c>oauth.client_refused</c>, or what passes by itself.</summary>
    public Task<Result<TokenAnswer>> Refresh(OauthProvider provider, string refreshToken, CancellationToken ct) =>
        Ask(provider, [new("grant_type", "refresh_token"), new("refresh_token", refreshToken)], ct);

    /// <summary>Gives a refresh token back (RFC 7009), once, as well as it goes.</summary>
    /// <returns>True when the provider says that it is void; false also where it has no place for that.</returns>
    public async Task<bool> Revoke(OauthProvider provider, string refreshToken, CancellationToken ct)
    {
        if (provider.Revocation is not { } place) return false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, place) { Content = new FormUrlEncodedContent([new("token", refreshToken)]) };
            using var answer = await _client.SendAsync(request, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failed) when (failed is HttpRequestException || (failed is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    async Task<Result<TokenAnswer>> Ask(OauthProvider provider, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, provider.Token)
            {
                Content = new FormUrlEncodedContent([.. fields, new("client_id", provider.ClientId), new("client_secret", provider.ClientSecret)]),
            };
            using var answer = await _client.SendAsync(request, ct);
            var json = Json(await answer.Content.ReadAsStringAsync(ct));
            if (!answer.IsSuccessStatusCode) return Refused(provider, answer, json);
            return TokenAnswer.Read(json) is { } tokens ? tokens : OauthProblems.Unclear(provider);
        }
        catch (OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return OauthProblems.Unreachable(provider, "no answer in time");
        }
        catch (HttpRequestException failed)
        {
            return OauthProblems.Unreachable(provider, failed.InnerException is OutboundRefused refused ? refused.Message.TrimEnd('.') : failed.HttpRequestError.ToString());
        }
    }

    static Problem Refused(OauthProvider provider, HttpResponseMessage answer, JsonElement json)
    {
        var word = Word(ApiJson.Text(json, "error") ?? "");
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError || Passing.Contains(word))
            return OauthProblems.Busy(provider, word.Length > 0 ? word : $"{(int)answer.StatusCode}", Wait(answer));
        if (word.Length == 0) return OauthProblems.Unclear(provider);
        var cause = Cause(word, ApiJson.Text(json, "error_description") ?? "");
        return Lost.Contains(word) ? OauthProblems.ConsentLost(provider.Kind) with { Fields = [new FieldProblem(CauseField, cause)] } : OauthProblems.ClientRefused(provider, cause);
    }

    /// <summary>Name of the field in which a lost consent carries the provider's word.</summary>
    public const string CauseField = "cause";

    // Microsoft's own number tells an administrator more than the word does; the rest of the description may hold anything.
    static string Cause(string word, string description)
    {
        var at = description.IndexOf("AADSTS", StringComparison.Ordinal);
        if (at < 0) return word;
        var number = new string([.. description.Skip(at + 6).TakeWhile(char.IsAsciiDigit).Take(12)]);
        return number.Length > 0 ? $"{word}, AADSTS{number}" : word;
    }

    /// <summary>Only what can be an error word (RFC 6749 5.2), so that nothing secret can hide in it.</summary>
    internal static string Word(string text) => text.Length <= WordLengthMax && text.All(c => char.IsAsciiLetterLower(c) || c == '_') ? text : "";

    // RFC 9110 10.2.3, seconds only: a date needs their clock to be ours.
    static int? Wait(HttpResponseMessage answer) => answer.Headers.RetryAfter?.Delta is { } wait ? Math.Clamp((int)wait.TotalSeconds, 1, RetryAfterSecondsMax)
        : answer.StatusCode == HttpStatusCode.TooManyRequests ? RetryAfterSecondsUsual : null;

    static JsonElement Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    public void Dispose() => _client.Dispose();
}
