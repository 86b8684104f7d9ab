namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>A provider whose mailboxes are opened with a person's consent (RFC 6749) instead of a password. No record: its text would show the client's secret.</summary>
public sealed class OauthProvider
{
    public required MailboxAuth Kind { get; init; }

    /// <summary>As people know it.</summary>
    public required string Name { get; init; }

    public required string ClientId { get; init; }

    internal string ClientSecret { get; init; } = "";

    /// <summary>Where the browser is sent.</summary>
    public required Uri Authorisation { get; init; }

    /// <summary>Where codes and refresh tokens are exchanged.</summary>
    internal Uri Token { get; init; } = new("about:blank");

    /// <summary>Where a refresh token is given back (RFC 7009); null where the provider has no such place.</summary>
    internal Uri? Revocation { get; init; }

    /// <summary>The issuer of its id_tokens; <c>{tid}</c> stands for the claim of that name.</summary>
    internal string Issuer { get; init; } = "";

    /// <summary>What sending and reading need; without one of them the consent is not enough.</summary>
    internal IReadOnlyList<string> MailScopes { get; init; } = [];

    /// <summary>What is asked for beside them: who it is, and a refresh token.</summary>
    internal IReadOnlyList<string> OtherScopes { get; init; } = [];

    /// <summary>Further parameters of the authorisation request.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>True where <c>email</c> in the id_token, with <c>email_verified</c>, is the mailbox's address. Elsewhere a sign-in name may be another one.</summary>
    internal bool ProvesAddress { get; init; }

    internal ServerSettings Smtp { get; init; } = new("", 0, ConnectionSecurity.Tls, "");

    internal ServerSettings Imap { get; init; } = new("", 0, ConnectionSecurity.Tls, "");

    /// <summary>What stands in addresses and rows: google or microsoft.</summary>
    public string Word => Mailbox.Word(Kind);

    internal static string NameOf(MailboxAuth kind) => kind switch
    {
        MailboxAuth.Google => "Google",
        MailboxAuth.Microsoft => "Microsoft",
        MailboxAuth.Password => "the provider",
    };
}
