using System.Collections.Concurrent;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>Access tokens of mailboxes, in memory only, until 60 s before they end. One refresh at a time for a mailbox; whoever asks meanwhile gets its result.</summary>
/// <remarks>The refresh token is opened in the secret store (<c>mailboxes/mbx_…/oauth</c>) for each refresh, which is one line of the audit chain an hour, and a new one that the provider sends takes its place there
/// by check-and-set before the access token is used.</remarks>
public sealed class AccessTokens
{
    const string Field = "refresh_token";
    const int EntriesMax = 10_000;
    const int LooksMax = 3;
    static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    readonly ISecretStore _store;
    readonly TenantDb _db;
    readonly TimeProvider _clock;
    readonly ConcurrentDictionary<(TenantId Tenant, MailboxId Id), Entry> _entries = new();

    internal AccessTokens(ISecretStore store, TenantDb db, OauthSettings settings, TokenEndpoint endpoint, TimeProvider clock) =>
        (_store, _db, Settings, Endpoint, _clock) = (store, db, settings, endpoint, clock);

    sealed class Entry
    {
        public readonly Lock Gate = new();
        public Task<Result<string>>? Running;
        public string? Token;
        public DateTimeOffset Until;
        public Problem? Wait; // The provider asked for patience until then.
    }

    internal OauthSettings Settings { get; }

    internal TokenEndpoint Endpoint { get; }

    internal static SecretPath PathOf(MailboxId id) => SecretPath.Parse($"mailboxes/{id}/oauth");

    /// <summary>A token that holds for 60 s at least.</summary>
    /// <param name="refused">One that a server did not take although its time was not over; null asks for any.</param>
    /// <remarks>Refuses with <c>mailbox.consent_lost</c>, <c>oauth.not_configured</c>, <c>oauth.client_refused</c>, <c>oauth.unavailable</c>, <c>oauth.unreachable</c>, <c>oauth.unclear</c>, or as the secret store does.</remarks>
    internal async Task<Result<string>> Get(SecretAccess access, MailboxId id, MailboxAuth auth, string? refused, CancellationToken ct)
    {
        if (Settings.Find(auth) is not { } provider) return OauthProblems.NotConfigured(auth);
        if (_entries.Count >= EntriesMax) Forget(_clock.GetUtcNow());
        var entry = _entries.GetOrAdd((access.Tenant, id), _ => new Entry());
        Task<Result<string>> refreshing;
        lock (entry.Gate)
        {
            if (entry.Until > _clock.GetUtcNow())
            {
                if (entry.Wait is { } wait) return wait;
                if (entry.Token is { } token && token != refused) return token;
            }

            // Not cancelled with whoever asked first: a new refresh token must not be lost because a page was closed. It ends within the time-outs of provider and store.
            refreshing = entry.Running ??= Task.Run(() => Run(entry, access, id, provider), CancellationToken.None);
        }

        return await refreshing.WaitAsync(ct);
    }

    /// <summary>The refresh token of a new consent. In the transaction that holds the mailbox's row.</summary>
    internal async Task<Problem?> Keep(SecretAccess access, MailboxId id, string refreshToken, CancellationToken ct) =>
        (await KeepSecret.Handle(access, PathOf(id), SecretFields.Of((Field, refreshToken)), null, null, _store, _db, _clock, ct)).Problem;

    /// <summary>The access token that came with it, once the mailbox stands.</summary>
    internal void Take(TenantId tenant, MailboxId id, TokenAnswer answer) => Hold(_entries.GetOrAdd((tenant, id), _ => new Entry()), answer.Access, null, _clock.GetUtcNow() + answer.Life - Margin);

    /// <summary>Takes the refresh token out of the store for good.</summary>
    /// <returns>What it was, to be given back to the provider; empty when it could not be read.</returns>
    internal async Task<Result<string>> Remove(SecretAccess access, MailboxId id, CancellationToken ct)
    {
        var read = await _store.Get(access, PathOf(id), null, ct);
        var removed = await _store.Remove(access, PathOf(id), ct);
        _entries.TryRemove((access.Tenant, id), out _);
        return removed.Problem is { } kept ? kept : read.Match(secret => secret.Fields[Field] ?? "", _ => "");
    }

    async Task<Result<string>> Run(Entry entry, SecretAccess access, MailboxId id, OauthProvider provider)
    {
        try
        {
            var answer = await Refresh(access, id, provider, CancellationToken.None);
            if (answer.IsOk) Hold(entry, answer.Value.Access, null, _clock.GetUtcNow() + answer.Value.Life - Margin);
            else if (answer.Problem is { RetryAfterSeconds: { } seconds, Code: "oauth.unavailable" } busy) Hold(entry, null, busy, _clock.GetUtcNow().AddSeconds(seconds));
            return answer.Match<Result<string>>(tokens => tokens.Access, problem => problem);
        }
        finally
        {
            lock (entry.Gate) entry.Running = null;
        }
    }

    static void Hold(Entry entry, string? token, Problem? wait, DateTimeOffset until)
    {
        lock (entry.Gate) (entry.Token, entry.Wait, entry.Until) = (token, wait, until);
    }

    async Task<Result<TokenAnswer>> Refresh(SecretAccess access, MailboxId id, OauthProvider provider, CancellationToken ct)
    {
        for (var look = 1; ; look++)
        {
            var kept = await _store.Get(access, PathOf(id), null, ct);
            if (kept.Problem is { } closed) return closed;
            var shown = kept.Value.Fields[Field] ?? "";
            var answer = await Endpoint.Refresh(provider, shown, ct);
            if (answer.Problem is { Code: OauthProblems.ConsentLostCode } lost)
            {
                var cause = lost.Fields.FirstOrDefault(field => field.Field == TokenEndpoint.CauseField)?.Detail ?? "";
                // Another process or a new consent may have put another token there: that one is tried then.
                if (look < LooksMax && !await LoseConsent.Handle(access, id, kept.Value.Version, cause, _store, _db, _clock, ct)) continue;
                return OauthProblems.ConsentLost(provider.Kind);
            }

            if (answer.IsOk && answer.Value.Refresh is { } next && next != shown)
            {
                // Where another process was faster, its token is the newer one and stays.
                var put = await _store.Put(access, PathOf(id), SecretFields.Of((Field, next)), kept.Value.Version, ct);
                if (put.Problem is { Code: not "secret.cas_mismatch" } unkept) return unkept;
            }

            return answer;
        }
    }

    void Forget(DateTimeOffset now)
    {
        foreach (var (key, entry) in _entries)
            if (entry.Running is null && (entry.Until <= now || _entries.Count >= EntriesMax)) _entries.TryRemove(key, out _);
    }
}
