using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>Sends a person to Google or Microsoft to allow that this program reads and sends mail of a mailbox (RFC 6749 4.1 with PKCE). <see cref="FinishOauth"/> takes the answer. Pages only: it needs a browser.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>oauth.person_needed</c>, <c>oauth.not_configured</c>, <c>mailbox.invalid</c>, <c>mailbox.not_found</c> or <c>mailbox.not_oauth</c>.</remarks>
public static class StartOauth
{
    /// <param name="DisplayName">The name recipients see, 1 to 100 characters; not needed for a mailbox that is connected again.</param>
    /// <param name="Address">Of the mailbox, where it is known; the provider offers that account then. Empty leaves the choice there.</param>
    /// <param name="Mailbox">To be connected again; null for a new one.</param>
    public sealed record Input(MailboxAuth Provider, string DisplayName = "", string Address = "", MailboxId? Mailbox = null);

    /// <param name="Url">For the browser, at once: it is good for 10 minutes, for this person, once.</param>
    public sealed record Output(Uri Url);

    public static readonly Problem NotOauth = new(ProblemKind.Conflict, "mailbox.not_oauth", "This mailbox logs in with a password, so there is nothing to connect again. Change its password in its settings.");

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, SealedBox box, OauthSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (actor.User is not { } user) return OauthProblems.PersonNeeded;
        if (settings.Find(input.Provider) is not { } provider) return OauthProblems.NotConfigured(input.Provider);
        var (name, address) = (input.DisplayName.Trim(), input.Address.Trim());
        if (input.Mailbox is { } id)
        {
            var again = await ListMailboxes.One(actor, id, db, ct);
            if (again.Problem is { } missing) return missing;
            if (again.Value.Auth != input.Provider) return NotOauth;
            (name, address) = (again.Value.DisplayName, again.Value.Address);
        }

        if (Faults(name, address).ToArray() is { Length: > 0 } faults) return Problem.Invalid("mailbox.invalid", faults);
        var now = clock.GetUtcNow();
        var way = new OauthState(workspace, user, provider.Kind, input.Mailbox, address, name, OauthState.NewToken(), now + OauthState.Life);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var state = await way.Keep(tx, box, now, ct);
        await tx.Commit(ct);
        return new Output(Url(provider, settings.Callback(provider), state, way));
    }

    static IEnumerable<FieldProblem> Faults(string name, string address)
    {
        if (name.Length is 0 or > 100 || !HeaderText.TryCreate(name, out _, out _)) yield return new("display_name", "The name recipients see: 1 to 100 characters without line breaks.");
        if (address.Length == 0) yield break;
        if (!EmailAddress.TryParse(address, out _, out var fault)) yield return new("address", $"Not an e-mail address: {fault.Reason} at character {fault.Offset + 1}.");
    }

    static Uri Url(OauthProvider provider, Uri callback, string state, OauthState way)
    {
        List<KeyValuePair<string, string>> query =
        [
            new("client_id", provider.ClientId), new("redirect_uri", callback.AbsoluteUri), new("response_type", "code"), new("scope", string.Join(' ', [.. provider.OtherScopes, .. provider.MailScopes])),
            new("state", state), new("code_challenge", OauthState.Challenge(way.Verifier)), new("code_challenge_method", "S256"), .. provider.Parameters,
        ];
        if (way.Address.Length > 0) query.Add(new("login_hint", way.Address));
        return new UriBuilder(provider.Authorisation) { Query = string.Join('&', query.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}")) }.Uri;
    }
}
