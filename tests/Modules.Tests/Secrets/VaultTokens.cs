using System.Collections.Concurrent;
using System.Text.Json;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>Log-ins, tokens with a lease, and wrappings, as Vault describes them. Time is the test's.</summary>
public sealed class VaultTokens
{
    readonly ConcurrentDictionary<string, DateTimeOffset?> _alive = new();
    readonly ConcurrentDictionary<string, (object Answer, string Path)> _wrapped = new();
    int _made;

    public VaultTokens() => _alive[VaultServer.Root] = null;

    public TestClock Clock { get; set; } = new();
    public int LeaseSeconds { get; set; } = 3600;
    public bool IsRenewable { get; set; } = true;

    /// <summary>True: the maximum lifetime is reached, so that a renewal grants a second only.</summary>
    public bool IsAtMaximum { get; set; }
    public string RoleId { get; set; } = "role-1";
    public string SecretId { get; set; } = "secret-id-1";
    public string Jwt { get; set; } = "jwt-1";
    public int LogIns { get; private set; }
    public int Renewals { get; private set; }

    public bool IsAlive(string token) => _alive.TryGetValue(token, out var until) && (until is null || until > Clock.GetUtcNow());

    public void RevokeAll() => _alive.Clear();

    public void Add(string token, int? seconds) => _alive[token] = seconds is { } life ? Clock.GetUtcNow().AddSeconds(life) : null;

    public string Wrap(object answer, string path)
    {
        var token = $"hvs.wrapped-{Interlocked.Increment(ref _made)}";
        _wrapped[token] = (answer, path);
        return token;
    }

    public (int, object?) LogIn(string path, Dictionary<string, string> words)
    {
        var isRight = path.Contains("approle", StringComparison.Ordinal) ? words.GetValueOrDefault("role_id") == RoleId && words.GetValueOrDefault("secret_id") == SecretId
            : words.GetValueOrDefault("role") == RoleId && words.GetValueOrDefault("jwt") == Jwt;
        if (!isRight) return (400, new { errors = new[] { "invalid role or secret ID" } });
        LogIns++;
        var token = $"hvs.login-{LogIns}";
        Add(token, LeaseSeconds);
        return (200, new { auth = new { client_token = token, lease_duration = LeaseSeconds, renewable = IsRenewable } });
    }

    public (int, object?) Own(string token, string path, JsonElement body)
    {
        if (path == "auth/token/lookup-self")
            return (200, new { data = new { ttl = _alive[token] is { } until ? (int)(until - Clock.GetUtcNow()).TotalSeconds : 0, renewable = IsRenewable && _alive[token] is not null } });
        if (path == "auth/token/renew-self")
        {
            if (!IsRenewable) return (400, new { errors = new[] { "lease is not renewable" } });
            Renewals++;
            var seconds = IsAtMaximum ? 1 : LeaseSeconds;
            Add(token, seconds);
            return (200, new { auth = new { client_token = token, lease_duration = seconds, renewable = true } });
        }

        var wrapped = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("token", out var given) ? given.GetString() ?? "" : "";
        if (path == "sys/wrapping/lookup")
            return _wrapped.TryGetValue(wrapped, out var about) ? (200, new { data = new { creation_path = about.Path, creation_ttl = 60 } }) : (400, new { errors = new[] { "wrapping token is not valid or does not exist" } });
        return path == "sys/wrapping/unwrap" ? Unwrap(wrapped) : (404, new { errors = Array.Empty<string>() });
    }

    public (int, object?) Unwrap(string token) =>
        _wrapped.TryRemove(token, out var held) ? (200, held.Answer) : (400, new { errors = new[] { "wrapping token is not valid or does not exist" } });
}
