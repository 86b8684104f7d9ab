using PenguinMails.Core;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Vault;

/// <summary>Keeps a token that works: logs in, renews at two thirds of the lease, and logs in again when the token is gone.</summary>
sealed class VaultSession(VaultWire wire, VaultOptions options, TimeProvider clock) : IDisposable
{
    readonly SemaphoreSlim _one = new(1);
    Lease? _lease;

    /// <param name="Until">Null: never ends.</param>
    sealed record Lease(string Token, DateTimeOffset Since, DateTimeOffset? Until, bool IsRenewable)
    {
        public bool IsOver(DateTimeOffset now) => Until <= now;

        /// <summary>Two thirds of the lease are over: time to renew, with one third left to try again.</summary>
        public bool IsOld(DateTimeOffset now) => Until is { } until && now >= Since + (until - Since) * 2 / 3;

        public override string ToString() => "(lease)";
    }

    /// <summary>A token that holds for now.</summary>
    /// <exception cref="HttpRequestException">Vault cannot be reached.</exception>
    /// <exception cref="TimeoutException">Vault does not answer.</exception>
    public async Task<Result<string>> Token(CancellationToken ct)
    {
        if (_lease is { } lease && !lease.IsOld(clock.GetUtcNow())) return lease.Token;
        await _one.WaitAsync(ct);
        try
        {
            if (_lease is { } other && !other.IsOld(clock.GetUtcNow())) return other.Token;
            return _lease is { IsRenewable: true } old && !old.IsOver(clock.GetUtcNow()) ? await Renew(old, ct) : await LogIn(ct);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The token was refused: the next call logs in anew. A token that another call got meanwhile stays.</summary>
    public void Forget(string token)
    {
        if (_lease is { } lease && lease.Token == token) Interlocked.CompareExchange(ref _lease, null, lease);
    }

    public void Dispose() => _one.Dispose();

    async Task<Result<string>> Renew(Lease old, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var answer = await wire.Send(new VaultCall(HttpMethod.Post, "auth/token/renew-self", new { }) { Token = old.Token }, ct);
        if (answer.IsOk && answer.Number("auth", "lease_duration") is { } seconds)
        {
            // At the maximum lifetime Vault grants less and less: then the way is a new log-in.
            var isShrinking = options.Auth != VaultAuth.Token && old.Until is { } until && now.AddSeconds(seconds) <= until.AddSeconds(1);
            if (!isShrinking) return Keep(old.Token, now, seconds, answer.IsTrue("auth", "renewable"));
        }

        // Still good for a third of its time: a Vault that is busy with itself is no reason to stop.
        if (answer.Status >= 500 || answer.Status == 429) return old.Token;
        return await LogIn(ct);
    }

    async Task<Result<string>> LogIn(CancellationToken ct)
    {
        _lease = null;
        var now = clock.GetUtcNow();
        if (options.Auth == VaultAuth.Token) return await LookUp(options.ReadToken(), now, ct);
        var credentials = await Credentials(ct);
        if (credentials.Problem is { } missing) return missing;
        var answer = await wire.Send(new VaultCall(HttpMethod.Post, $"auth/{options.AuthMount}/login", credentials.Value), ct);
        if (answer.Text("auth", "client_token") is { Length: > 0 } token && answer.IsOk)
            return Keep(token, now, answer.Number("auth", "lease_duration") ?? 0, answer.IsTrue("auth", "renewable"));
        return answer.Status is 400 or 403
            ? SecretProblems.Forbidden(options.Auth == VaultAuth.AppRole
                ? "Vault refuses the log-in. Check PENGUIN__SECRETS__VAULT__ROLE and the secret id in PENGUIN__SECRETS__VAULT__SECRETIDFILE: it may be over or used up."
                : "Vault refuses the log-in. Check PENGUIN__SECRETS__VAULT__ROLE, its bound service account, and PENGUIN__SECRETS__VAULT__AUTHMOUNT.")
            : answer.Refusal();
    }

    async Task<Result<string>> LookUp(string token, DateTimeOffset now, CancellationToken ct)
    {
        var answer = await wire.Send(new VaultCall(HttpMethod.Get, "auth/token/lookup-self", IsRepeatable: true) { Token = token }, ct);
        if (answer.IsOk) return Keep(token, now, answer.Number("data", "ttl") ?? 0, answer.IsTrue("data", "renewable"));
        return answer.Status == 403
            ? SecretProblems.Forbidden("Vault does not know the token, or it is over. Put a new one where PENGUIN__SECRETS__VAULT__TOKENFILE points; no restart is needed.")
            : answer.Refusal();
    }

    async Task<Result<Dictionary<string, string>>> Credentials(CancellationToken ct)
    {
        var role = options.Role ?? "";
        if (options.Auth == VaultAuth.Kubernetes)
            return new Dictionary<string, string> { ["role"] = role, ["jwt"] = (await File.ReadAllTextAsync(options.JwtFile, ct)).Trim() };
        var secretId = KeySource.ReadGuarded(options.SecretIdFile ?? "");
        if (!options.IsSecretIdWrapped) return new Dictionary<string, string> { ["role_id"] = role, ["secret_id"] = secretId };
        var answer = await wire.Send(new VaultCall(HttpMethod.Post, "sys/wrapping/unwrap") { Token = secretId }, ct);
        return answer.Text("data", "secret_id") is { Length: > 0 } opened
            ? new Dictionary<string, string> { ["role_id"] = role, ["secret_id"] = opened }
            : SecretProblems.Forbidden("The wrapped secret id in PENGUIN__SECRETS__VAULT__SECRETIDFILE was used or is over. If nobody here used it, somebody else did: revoke it and issue a new one.");
    }

    string Keep(string token, DateTimeOffset now, int seconds, bool isRenewable)
    {
        _lease = new Lease(token, now, seconds > 0 ? now.AddSeconds(seconds) : null, isRenewable);
        return token;
    }
}
