using System.Collections.Concurrent;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Mail.Smtp;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>What mailboxes log in with. Passwords in the secret store: <c>mailboxes/mbx_…/smtp</c> and <c>/imap</c>, each with a plan of 180 days; for those at Google and Microsoft <see cref="AccessTokens"/>.</summary>
/// <remarks>What sending opens is kept in memory for 5 minutes by version, so that a busy mailbox is one line of the audit chain in that time and not one a message.
/// A changed password has another version and is opened at once; a shredded one may be used for those 5 minutes by a process that opened it before.</remarks>
public sealed class MailboxSecrets(ISecretStore store, SealedBox box, TenantDb db, AccessTokens tokens, TimeProvider clock)
{
    const string Field = "password";
    const string BeforeField = "before";
    const int LeasesMax = 10_000;
    static readonly TimeSpan LeaseMax = TimeSpan.FromMinutes(5);

    readonly ConcurrentDictionary<(TenantId Tenant, string Path, int Version), (string Secret, DateTimeOffset Until)> _leases = new();

    /// <summary>Where a password is: in the store under a version, or still sealed in the mailbox's row. Neither where access tokens are used.</summary>
    internal readonly record struct Place(MailboxId Id, bool IsSmtp, int? Version, byte[]? Sealed, MailboxAuth Auth = MailboxAuth.Password, bool IsConsentLost = false);

    internal AccessTokens Tokens => tokens;

    /// <summary>What a mailbox's server is shown: every log-in of a mailbox comes from here.</summary>
    /// <param name="isSending">Takes a password that was opened less than 5 minutes ago from memory.</param>
    /// <remarks>Refuses with <c>mailbox.consent_lost</c>, as <see cref="AccessTokens"/> or as the store does.</remarks>
    internal async Task<Result<SmtpCredentials>> LogIn(SecretAccess access, Place place, string user, bool isSending, CancellationToken ct)
    {
        var isToken = place.Auth != MailboxAuth.Password;
        if (isToken && place.IsConsentLost) return OauthProblems.ConsentLost(place.Auth);
        var opened = isToken ? await tokens.Get(access, place.Id, place.Auth, null, ct) : isSending ? await Lease(access, place, ct) : await Open(access, place, ct);
        return opened.Match<Result<SmtpCredentials>>(secret => new SmtpCredentials(user, secret, isToken), problem => problem);
    }

    /// <summary>Others in the place of a token that a server did not take although its time was not over. For tokens only: a refused password is refused.</summary>
    internal async Task<Result<SmtpCredentials>> Renew(SecretAccess access, Place place, SmtpCredentials refused, CancellationToken ct) =>
        (await tokens.Get(access, place.Id, place.Auth, refused.Secret, ct)).Match<Result<SmtpCredentials>>(token => refused with { Secret = token }, problem => problem);

    internal static SecretPath PathOf(MailboxId id, bool isSmtp) => SecretPath.Parse($"mailboxes/{id}/{(isSmtp ? "smtp" : "imap")}");

    /// <summary>The mailbox and server a path belongs to; null for other paths.</summary>
    internal static (MailboxId Id, bool IsSmtp)? Find(string path) =>
        path.Split('/') is ["mailboxes", var id, "smtp" or "imap"] && MailboxId.TryParse(id, null, out var mailbox) ? (mailbox, path.EndsWith("/smtp", StringComparison.Ordinal)) : null;

    // Beside the two that people see: what a server accepts as well while a password is changed.
    static SecretPath AlsoPathOf(MailboxId id) => SecretPath.Parse($"mailboxes/{id}/also");

    /// <summary>Stores the two passwords that change places.</summary>
    internal Task<Result<int>> KeepAlso(SecretAccess access, MailboxId id, string before, string after, CancellationToken ct) =>
        KeepSecret.Handle(access, AlsoPathOf(id), SecretFields.Of((BeforeField, before), (Field, after)), null, null, store, db, clock, ct);

    internal async Task<Result<IReadOnlyList<string>>> OpenAlso(SecretAccess access, MailboxId id, int version, CancellationToken ct) =>
        (await store.Get(access, AlsoPathOf(id), version, ct)).Match(secret => Result<IReadOnlyList<string>>.Of([secret.Fields[Field] ?? "", secret.Fields[BeforeField] ?? ""]), problem => problem);

    internal Task<Result<Done>> ForgetAlso(SecretAccess access, MailboxId id, CancellationToken ct) => store.Remove(access, AlsoPathOf(id), ct);

    // Beside the mailbox's own: changed by nobody, taken away by hand.
    static SecretPath AppPathOf(MailboxId id, AppPasswordId app) => SecretPath.Parse($"mailboxes/{id}/app/{app}");

    internal Task<Result<int>> KeepApp(SecretAccess access, MailboxId id, AppPasswordId app, string password, CancellationToken ct) =>
        KeepSecret.Handle(access, AppPathOf(id, app), Fields(password), 0, null, store, db, clock, ct);

    internal async Task<Result<string>> OpenApp(SecretAccess access, MailboxId id, AppPasswordId app, int version, CancellationToken ct) =>
        (await store.Get(access, AppPathOf(id, app), version, ct)).Match<Result<string>>(secret => Password(secret.Fields), problem => problem);

    internal Task<Result<Done>> ForgetApp(SecretAccess access, MailboxId id, AppPasswordId app, CancellationToken ct) => store.Remove(access, AppPathOf(id, app), ct);

    internal static SecretFields Fields(string password) => SecretFields.Of((Field, password));

    internal static string Password(SecretFields fields) => fields[Field] ?? "";

    /// <param name="isHosted">On a server of ours, where the program changes it by itself.</param>
    /// <returns>The version to keep in the row.</returns>
    internal Task<Result<int>> Keep(SecretAccess access, MailboxId id, bool isSmtp, string secret, int? expected, bool isHosted, CancellationToken ct) =>
        KeepSecret.Handle(access, PathOf(id, isSmtp), Fields(secret), expected, isHosted ? RotationKinds.HostedMailbox : isSmtp ? RotationKinds.SmtpCredential : RotationKinds.ImapCredential, store, db, clock, ct);

    /// <summary>Opened for one use; refuses as the store does.</summary>
    internal async Task<Result<string>> Open(SecretAccess access, Place place, CancellationToken ct)
    {
        if (place.Sealed is { } sealedHere) return box.Open(access.Tenant, place.IsSmtp ? Mailbox.SmtpPurpose(place.Id) : Mailbox.ImapPurpose(place.Id), sealedHere);
        if (place.Version is not { } version) return SecretProblems.NotFound;
        var read = await store.Get(access, PathOf(place.Id, place.IsSmtp), version, ct);
        return read.Match<Result<string>>(secret => secret.Fields[Field] ?? "", problem => problem);
    }

    /// <summary>Opened for sending, from memory where that is less than 5 minutes old.</summary>
    internal async Task<Result<string>> Lease(SecretAccess access, Place place, CancellationToken ct)
    {
        if (place.Version is not { } version) return await Open(access, place, ct);
        var (key, now) = ((access.Tenant, PathOf(place.Id, place.IsSmtp).Text, version), clock.GetUtcNow());
        if (_leases.TryGetValue(key, out var lease) && lease.Until > now) return lease.Secret;
        if (_leases.Count >= LeasesMax)
            foreach (var (old, held) in _leases)
                if (held.Until <= now || _leases.Count >= LeasesMax) _leases.TryRemove(old, out _);
        var opened = await Open(access, place, ct);
        if (opened.IsOk) _leases[key] = (opened.Value, now + LeaseMax);
        return opened;
    }

    /// <summary>Takes its passwords away for good.</summary>
    internal async Task<Problem?> Remove(SecretAccess access, MailboxId id, IReadOnlyList<AppPasswordId> apps, CancellationToken ct)
    {
        foreach (var app in apps)
            if ((await ForgetApp(access, id, app, ct)).Problem is { } kept) return kept;
        return (await store.Remove(access, PathOf(id, isSmtp: true), ct)).Problem ?? (await store.Remove(access, PathOf(id, isSmtp: false), ct)).Problem ?? (await ForgetAlso(access, id, ct)).Problem;
    }
}
