using Microsoft.Extensions.Configuration;
using PenguinMails.Accounts;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Oauth;

namespace PenguinMails.Modules.Tests.Fleet.Oauth;

public sealed class SettingsTests
{
    static OauthSettings Read(params (string Key, string Value)[] given) => OauthSettings.From(
        new ConfigurationBuilder().AddInMemoryCollection(given.ToDictionary(one => "Oauth:" + one.Key, one => (string?)one.Value)).Build(), new PublicWeb(new Uri("https://mail.example.com/")));

    [Fact]
    public void Nothing_set_offers_nothing() => Assert.Empty(Read().Providers);

    [Fact]
    public void Both_set_are_reached_at_their_public_end_points()
    {
        var settings = Read(("Google:ClientId", "g"), ("Google:ClientSecret", "gs"), ("Microsoft:ClientId", "m"), ("Microsoft:ClientSecret", "ms"), ("Microsoft:Tenant", "acme.example"));
        var (google, microsoft) = (settings.Find(MailboxAuth.Google)!, settings.Find(MailboxAuth.Microsoft)!);
        Assert.Equal(("https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"), (google.Authorisation.AbsoluteUri, google.Token.AbsoluteUri));
        Assert.Equal(("smtp.gmail.com", 465, ConnectionSecurity.Tls), (google.Smtp.Host, google.Smtp.Port, google.Smtp.Security));
        Assert.Equal("https://login.microsoftonline.com/acme.example/oauth2/v2.0/token", microsoft.Token.AbsoluteUri);
        Assert.Equal(("smtp.office365.com", 587, ConnectionSecurity.Starttls), (microsoft.Smtp.Host, microsoft.Smtp.Port, microsoft.Smtp.Security));
        Assert.Null(microsoft.Revocation);
        Assert.Equal("https://mail.example.com/mailboxes/oauth/microsoft/callback", settings.Callback(microsoft).AbsoluteUri);
    }

    [Theory]
    [InlineData("Google:ClientId", "only-half", "PENGUIN__OAUTH__GOOGLE__CLIENTSECRET")]
    [InlineData("Microsoft:ClientSecret", "the-secret", "PENGUIN__OAUTH__MICROSOFT__CLIENTID")]
    [InlineData("Google:TokenUrl", "http://tokens.example/", "PENGUIN__OAUTH__GOOGLE__TOKENURL")]
    [InlineData("Google:AuthorisationUrl", "https://u:p@accounts.example/", "PENGUIN__OAUTH__GOOGLE__AUTHORISATIONURL")]
    [InlineData("Microsoft:Tenant", "../x", "PENGUIN__OAUTH__MICROSOFT__TENANT")]
    public void A_value_that_cannot_be_used_is_named_and_no_secret_shown(string key, string value, string named)
    {
        var provider = key.Split(':')[0];
        List<(string, string)> given = [(key, value)];
        if (key.Split(':')[1] is not ("ClientId" or "ClientSecret")) given.AddRange([(provider + ":ClientId", "id"), (provider + ":ClientSecret", "the-secret")]);
        var refused = Assert.Throws<InvalidOperationException>(() => Read([.. given]));
        Assert.Contains(named, refused.Message);
        Assert.DoesNotContain("the-secret", refused.Message);
    }
}
