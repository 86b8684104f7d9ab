using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Modules.Tests.Fleet.Dns;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

/// <summary>Plays the token end point of a provider on loopback: codes are good once and with the right verifier only, refresh tokens until they are withdrawn.</summary>
sealed class ProviderPeer : IAsyncDisposable
{
    public const string ClientId = "client-of-the-tests", ClientSecret = "client-secret-of-the-tests";

    readonly ConcurrentDictionary<string, (string Challenge, string Redirect)> _codes = new();
    readonly ConcurrentDictionary<string, bool> _refresh = new();
    readonly ApiPeer _peer;
    readonly TimeProvider _clock;
    int _made;

    public ProviderPeer(MailboxAuth kind, string address, TimeProvider clock)
    {
        (Kind, Address, Subject, _clock) = (kind, address, "sub-" + address, clock);
        _peer = new ApiPeer(Answer);
    }

    public MailboxAuth Kind { get; }
    public string Address { get; set; }
    public string Subject { get; set; }
    /// <summary>Null says nothing of it.</summary>
    public string? Scope { get; set; }
    public bool HasAddress { get; set; } = true;
    public bool IsEmailVerified { get; set; } = true;
    public bool GivesRefresh { get; set; } = true;
    public bool Rotates { get; set; }
    public int ExpiresIn { get; set; } = 3600;
    public string? Issuer { get; set; }
    /// <summary>Against now: when its id_tokens are made.</summary>
    public TimeSpan Issued { get; set; }
    public string Audience { get; set; } = ClientId;
    /// <summary>Answers the next calls in the place of all else.</summary>
    public ConcurrentQueue<(int Status, string Body)> Faults { get; } = [];
    /// <summary>Forms that came, with the path.</summary>
    public ConcurrentQueue<string> Asked => _peer.Asked;
    public int Port => _peer.Port;
    public ConcurrentDictionary<string, bool> AccessTokens { get; } = new();
    /// <summary>False: it tells mail servers that ask (RFC 7662) that no token is good, as where IMAP is switched off.</summary>
    public bool LetsIn { get; set; } = true;
    public ConcurrentQueue<string> Revoked { get; } = [];
    public string RefreshToken => "refresh-" + Volatile.Read(ref _made);
    public int Refreshes => Asked.Count(asked => asked.Contains("grant_type=refresh_token"));

    /// <summary>What a person's browser brings back after agreeing.</summary>
    public (string State, string Code) Agree(Uri url)
    {
        var query = Query(url.Query.TrimStart('?'));
        Assert.Equal((ClientId, "code", "S256"), (query["client_id"], query["response_type"], query["code_challenge_method"]));
        var code = "code-" + Guid.CreateVersion7().ToString("N");
        _codes[code] = (query["code_challenge"], query["redirect_uri"]);
        return (query["state"], code);
    }

    public void Withdraw() => _refresh.Clear();

    public static Dictionary<string, string> Query(string text) =>
        text.Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[1].Replace('+', ' ')));

    (int, string) Answer(HttpListenerRequest request, string body)
    {
        var form = Query(body);
        if (request.Url!.AbsolutePath == "/introspect")
            return (200, LetsIn && AccessTokens.ContainsKey(form["token"]) ? $$"""{"active":true,"username":"{{Address}}"}""" : """{"active":false}""");
        if (Faults.TryDequeue(out var fault)) return fault;
        if (request.Url.AbsolutePath == "/revoke")
        {
            Revoked.Enqueue(form["token"]);
            return (200, "{}");
        }

        if (form.GetValueOrDefault("client_id") != ClientId || form.GetValueOrDefault("client_secret") != ClientSecret) return (401, """{"error":"invalid_client"}""");
        return form["grant_type"] switch
        {
            "authorization_code" => Exchange(form),
            "refresh_token" => Refresh(form["refresh_token"]),
            _ => (400, """{"error":"unsupported_grant_type"}"""),
        };
    }

    (int, string) Exchange(Dictionary<string, string> form)
    {
        if (!_codes.TryRemove(form["code"], out var known) || known.Redirect != form["redirect_uri"] || known.Challenge != OauthState.Challenge(form["code_verifier"]))
            return (400, """{"error":"invalid_grant","error_description":"Bad code"}""");
        return (200, Tokens(isFirst: true).ToJsonString());
    }

    (int, string) Refresh(string token)
    {
        if (!_refresh.ContainsKey(token)) return (400, $$"""{"error":"invalid_grant","error_description":"AADSTS70000: The grant {{token}} was revoked. Trace ID: 1"}""");
        return (200, Tokens(isFirst: false).ToJsonString());
    }

    JsonObject Tokens(bool isFirst)
    {
        var access = "access-" + Guid.CreateVersion7().ToString("N");
        AccessTokens[access] = true;
        var answer = new JsonObject { ["access_token"] = access, ["token_type"] = "Bearer", ["expires_in"] = ExpiresIn };
        if (Scope is not null) answer["scope"] = Scope;
        if (GivesRefresh && (isFirst || Rotates))
        {
            var refresh = "refresh-" + Interlocked.Increment(ref _made);
            _refresh[refresh] = true;
            answer["refresh_token"] = refresh;
        }

        if (isFirst) answer["id_token"] = IdToken();
        return answer;
    }

    string IdToken()
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer ?? (Kind == MailboxAuth.Google ? "https://accounts.google.com" : "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0"),
            ["aud"] = Audience, ["sub"] = Subject, ["exp"] = _clock.GetUtcNow().AddHours(1).Add(Issued).ToUnixTimeSeconds(), ["tid"] = "9122040d-6c67-4c5b-b112-36a304b66dad"
        };
        if (HasAddress && Kind == MailboxAuth.Google) (claims["email"], claims["email_verified"]) = (Address, IsEmailVerified);
        if (HasAddress && Kind == MailboxAuth.Microsoft) claims["preferred_username"] = Address;
        static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        return $"{Part("""{"alg":"RS256"}""")}.{Part(claims.ToJsonString())}.{Part("signature")}";
    }

    public ValueTask DisposeAsync() => _peer.DisposeAsync();
}
