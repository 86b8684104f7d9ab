using Microsoft.Extensions.Configuration;
using PenguinMails.Accounts;

namespace PenguinMails.Fleet.Mailboxes.Oauth;

/// <summary>The providers at which this installation is registered as a client, from <c>PENGUIN__OAUTH__GOOGLE__</c> and <c>PENGUIN__OAUTH__MICROSOFT__</c>.</summary>
/// <param name="web">Where browsers come back to.</param>
public sealed class OauthSettings(IReadOnlyList<OauthProvider> providers, Uri web)
{
    const int ValueLengthMax = 500;
    const string UsualTenant = "common";

    /// <summary>Google first; empty when none is set up.</summary>
    public IReadOnlyList<OauthProvider> Providers { get; } = providers;

    /// <summary>Wait for one answer of a provider. Default 15 s.</summary>
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Null when it is not set up here.</summary>
    public OauthProvider? Find(MailboxAuth kind) => Providers.FirstOrDefault(one => one.Kind == kind);

    /// <summary>The redirect URI that is registered at the provider. Each has its own, so that an answer of one is never taken for the other's (RFC 9700 4.4.2.2).</summary>
    public Uri Callback(OauthProvider provider) => new(web, $"mailboxes/oauth/{provider.Word}/callback");

    /// <exception cref="InvalidOperationException">A setting cannot be used; names it, and shows no secret.</exception>
    public static OauthSettings From(IConfiguration? configuration, PublicWeb web) =>
        new([.. new[] { Client(configuration, "Google", Google), Client(configuration, "Microsoft", Microsoft) }.OfType<OauthProvider>()], web.Root);

    static OauthProvider? Client(IConfiguration? configuration, string name, Func<IConfigurationSection, string, string, OauthProvider> make)
    {
        if (configuration?.GetSection("Oauth:" + name) is not { } section) return null;
        var (id, secret) = (section["ClientId"]?.Trim() ?? "", section["ClientSecret"]?.Trim() ?? "");
        if (id.Length == 0 && secret.Length == 0) return null;
        foreach (var (key, value) in new[] { ("CLIENTID", id), ("CLIENTSECRET", secret) })
            if (value.Length is 0 or > ValueLengthMax || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new InvalidOperationException($"PENGUIN__OAUTH__{name.ToUpperInvariant()}__{key} is missing or has spaces in it. Copy both values from the registration at {name}: docs/guide/configuration.md says where they stand.");
        return make(section, id, secret);
    }

    static OauthProvider Google(IConfigurationSection section, string id, string secret) => new()
    {
        Kind = MailboxAuth.Google, Name = OauthProvider.NameOf(MailboxAuth.Google), ClientId = id, ClientSecret = secret,
        Authorisation = Address(section, "AuthorisationUrl", "https://accounts.google.com/o/oauth2/v2/auth"),
        Token = Address(section, "TokenUrl", "https://oauth2.googleapis.com/token"),
        Revocation = Address(section, "RevocationUrl", "https://oauth2.googleapis.com/revoke"),
        Issuer = "https://accounts.google.com", MailScopes = ["https://mail.google.com/"], OtherScopes = ["openid", "email"], ProvesAddress = true,
        // A refresh token comes only with a consent that is asked for anew.
        Parameters = [new("access_type", "offline"), new("prompt", "consent")],
        Smtp = new("smtp.gmail.com", 465, ConnectionSecurity.Tls, ""), Imap = new("imap.gmail.com", 993, ConnectionSecurity.Tls, ""),
    };

    static OauthProvider Microsoft(IConfigurationSection section, string id, string secret)
    {
        var tenant = section["Tenant"]?.Trim() is { Length: > 0 } given ? given : UsualTenant;
        if (tenant.Length > 253 || !tenant.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))
            throw new InvalidOperationException($"PENGUIN__OAUTH__MICROSOFT__TENANT is {tenant}; it must be common, organizations, consumers, or a directory's id or domain.");
        return new()
        {
            Kind = MailboxAuth.Microsoft, Name = OauthProvider.NameOf(MailboxAuth.Microsoft), ClientId = id, ClientSecret = secret,
            Authorisation = Address(section, "AuthorisationUrl", $"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"),
            Token = Address(section, "TokenUrl", $"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"),
            Issuer = "https://login.microsoftonline.com/{tid}/v2.0",
            MailScopes = ["https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send"], OtherScopes = ["openid", "profile", "email", "offline_access"],
            Parameters = [new("response_mode", "query"), new("prompt", "select_account")],
            Smtp = new("smtp.office365.com", 587, ConnectionSecurity.Starttls, ""), Imap = new("outlook.office365.com", 993, ConnectionSecurity.Tls, ""),
        };
    }

    // In clear a token could be read on its way; on this machine nobody is in between.
    static Uri Address(IConfigurationSection section, string key, string usual)
    {
        var text = section[key] is { Length: > 0 } given ? given : usual;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback)) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0
            ? url
            : throw new InvalidOperationException($"PENGUIN__{section.Path.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal)}__{key.ToUpperInvariant()} is {text}; it must be an https address such as {usual}.");
    }
}
