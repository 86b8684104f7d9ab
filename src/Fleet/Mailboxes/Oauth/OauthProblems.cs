using PenguinMails.Core;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>The refusals on the way to and from a provider. Codes are public; no detail holds a code or a token.</summary>
static class OauthProblems
{
    public const string ConsentLostCode = "mailbox.consent_lost";

    /// <summary>The mailbox needs a person; asking again changes nothing.</summary>
    public static Problem ConsentLost(MailboxAuth auth) => new(ProblemKind.Conflict, ConsentLostCode,
        $"{OauthProvider.NameOf(auth)} withdrew the permission for this mailbox. Open it and connect it again; what is queued waits until then.");

    public static Problem NotConfigured(MailboxAuth auth) => new(ProblemKind.Conflict, "oauth.not_configured",
        $"This installation is not registered at {OauthProvider.NameOf(auth)} any more. Its administrator sets PENGUIN__OAUTH__{OauthProvider.NameOf(auth).ToUpperInvariant()}__CLIENTID and __CLIENTSECRET.");

    /// <summary>The installation's own credentials are at fault, not the mailbox's: it waits until an administrator has put them right.</summary>
    public static Problem ClientRefused(OauthProvider provider, string word) => new(ProblemKind.Conflict, "oauth.client_refused",
        $"{provider.Name} refuses this installation ({word}). Its administrator checks PENGUIN__OAUTH__{provider.Name.ToUpperInvariant()}__CLIENTID and __CLIENTSECRET: the secret may have ended, or the redirect address is not registered.");

    public static Problem Busy(OauthProvider provider, string word, int? seconds) => new(ProblemKind.Unavailable, "oauth.unavailable",
        $"{provider.Name} cannot give an access token right now ({word}). It is tried again.")
    { RetryAfterSeconds = seconds };

    public static Problem Unreachable(OauthProvider provider, string why) => new(ProblemKind.Unavailable, "oauth.unreachable", $"{provider.Name} cannot be reached for an access token: {why}. It is tried again.");

    public static Problem Unclear(OauthProvider provider) => new(ProblemKind.Unavailable, "oauth.unclear", $"{provider.Name} answered with something that is no access token. It is tried again.");

    public static readonly Problem StateUnknown = new(ProblemKind.Conflict, "oauth.state_unknown",
        "This way back was used already, or it was begun by somebody else or in another workspace. Begin again from here.");

    public static readonly Problem StateExpired = new(ProblemKind.Gone, "oauth.state_expired", "More than 10 minutes passed between setting out and coming back. Begin again; it takes one minute.");

    public static readonly Problem ProviderMixed = new(ProblemKind.Conflict, "oauth.provider_mixed", "The answer came back from another provider than the one you were sent to. Nothing was connected. Begin again.");

    public static Problem Denied(OauthProvider provider) => new(ProblemKind.Conflict, "oauth.denied",
        $"You did not allow the access at {provider.Name}, or an administrator there has to allow it first. Nothing was connected. Begin again and agree, or connect the mailbox with an app password.");

    public static Problem Failed(OauthProvider provider, string word) => new(ProblemKind.Conflict, "oauth.failed", $"{provider.Name} ended the sign-in ({word}). Nothing was connected. Begin again.");

    public static Problem ScopeMissing(OauthProvider provider) => new(ProblemKind.Conflict, "oauth.scope_missing",
        $"The permission to read and send mail was left out at {provider.Name}. Begin again and leave every box ticked that speaks of mail.");

    public static Problem TokenMissing(OauthProvider provider) => new(ProblemKind.Conflict, "oauth.no_refresh_token",
        $"{provider.Name} gave an access for one hour only. Take the permission of this application away in your account at {provider.Name}, then begin again.");

    public static Problem IdentityInvalid(OauthProvider provider) => new(ProblemKind.Conflict, "oauth.identity_invalid", $"What {provider.Name} says of who signed in does not hold. Nothing was connected. Begin again.");

    public static Problem AddressMissing(OauthProvider provider) => Problem.Invalid("oauth.address_missing",
        new FieldProblem("address", $"{provider.Name} does not say which address this account has. Begin again and enter the address of the mailbox."));

    public static Problem OtherAccount(string wanted) => new(ProblemKind.Conflict, "oauth.other_account",
        $"You signed in with another account than that of {wanted}. Nothing was changed. Begin again and choose that account.");

    public static readonly Problem PersonNeeded = new(ProblemKind.Forbidden, "oauth.person_needed", "Only a person who is signed in with a browser can give this consent.");
}
