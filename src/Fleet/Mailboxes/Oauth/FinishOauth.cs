using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>Takes the answer of Google or Microsoft: exchanges the code, learns whose mailbox it is, and connects it, or connects it again. Opens no connection to its servers; test it afterwards.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>oauth.person_needed</c>, <c>oauth.not_configured</c>, <c>oauth.state_unknown</c>, <c>oauth.state_expired</c>, <c>oauth.provider_mixed</c>,
/// <c>oauth.denied</c>, <c>oauth.failed</c>, <c>oauth.scope_missing</c>, <c>oauth.no_refresh_token</c>, <c>oauth.identity_invalid</c>, <c>oauth.address_missing</c>, <c>oauth.other_account</c>,
/// <c>mailbox.exists</c>, <c>mailbox.address_taken</c>, as the token end point, or as the secret store does.</remarks>
public static class FinishOauth
{
    /// <param name="Provider">Whose callback was called.</param>
    /// <param name="Error">The provider's word when there is no code.</param>
    public sealed record Input(MailboxAuth Provider, string State, string Code, string Error)
    {
        public override string ToString() => "FinishOauth.Input";
    }

    /// <param name="IsNew">False for one that was connected again.</param>
    public sealed record Output(MailboxId Id, bool IsNew);

    const int CodeLengthMax = 4096;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, MailboxSecrets secrets, SealedBox box, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is null) return Actor.WorkspaceMissing;
        if (actor.User is null) return OauthProblems.PersonNeeded;
        var tokens = secrets.Tokens;
        if (tokens.Settings.Find(input.Provider) is not { } provider) return OauthProblems.NotConfigured(input.Provider);
        var taken = await Take(actor, input, db, box, clock, ct);
        if (taken.Problem is { } lost) return lost;
        if (input.Code.Length is 0 or > CodeLengthMax) return Refused(provider, input.Error);

        var exchanged = await tokens.Endpoint.Exchange(provider, input.Code, taken.Value.Verifier, tokens.Settings.Callback(provider), ct);
        if (exchanged.Problem is { } refused) return refused.Code == OauthProblems.ConsentLostCode ? OauthProblems.Failed(provider, "invalid_grant") : refused;
        var consent = Judge(provider, exchanged.Value, taken.Value, clock.GetUtcNow());
        // A consent that is not kept is not given back: the provider would end those of the same account that are in use here.
        return consent.Problem is { } insufficient ? insufficient
            : await KeepConsent.Handle(new SecretAccess(actor, "consent of a mailbox's owner", source), taken.Value, consent.Value, db, secrets, clock, ct);
    }

    // Gone before anything else is done, so that a second showing finds nothing.
    static async Task<Result<OauthState>> Take(Actor actor, Input input, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        var state = await OauthState.Take(tx, input.State, box, ct);
        await tx.Commit(ct);
        if (state is null || state.User != actor.User || state.Workspace != actor.Workspace) return OauthProblems.StateUnknown;
        if (state.ExpiresAt <= clock.GetUtcNow()) return OauthProblems.StateExpired;
        return state.Provider == input.Provider ? state : OauthProblems.ProviderMixed;
    }

    // RFC 6749 4.1.2.1.
    static Problem Refused(OauthProvider provider, string error) => TokenEndpoint.Word(error) switch
    {
        "access_denied" or "consent_required" => OauthProblems.Denied(provider),
        "temporarily_unavailable" or "server_error" => OauthProblems.Busy(provider, error, null),
        { Length: > 0 } word => OauthProblems.Failed(provider, word),
        _ => OauthProblems.Failed(provider, "no code"),
    };

    static Result<Consent> Judge(OauthProvider provider, TokenAnswer answer, OauthState way, DateTimeOffset now)
    {
        if (answer.Scopes is { } scopes && provider.MailScopes.Any(needed => !scopes.Contains(needed, StringComparer.OrdinalIgnoreCase))) return OauthProblems.ScopeMissing(provider);
        if (answer.Refresh is not { } refresh) return OauthProblems.TokenMissing(provider);
        if (answer.IdToken is not { } token || IdToken.Read(provider, token, now) is not { } who) return OauthProblems.IdentityInvalid(provider);
        EmailAddress? given = EmailAddress.TryParse(way.Address, out var address, out _) ? address : null;
        // Where the provider proves the address, the person's word counts only as far as it is the same.
        if (provider.ProvesAddress && way.Mailbox is null && given is not null && who.Address is not null && given.Normal != who.Address.Normal) return OauthProblems.OtherAccount(given.ToString());
        var found = provider.ProvesAddress ? who.Address ?? given : given ?? who.Address;
        return found is null ? OauthProblems.AddressMissing(provider) : new Consent(provider, who, found, refresh, answer);
    }
}
