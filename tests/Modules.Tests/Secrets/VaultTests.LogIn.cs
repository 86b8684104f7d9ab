using Microsoft.Extensions.Configuration;
using PenguinMails.Core;
using PenguinMails.Secrets.Vault;

namespace PenguinMails.Modules.Tests.Secrets;

public sealed partial class VaultTests
{
    [Theory]
    [InlineData(VaultAuth.AppRole)]
    [InlineData(VaultAuth.Kubernetes)]
    public async Task It_logs_in_renews_at_two_thirds_of_the_lease_and_logs_in_again_when_the_token_is_gone(VaultAuth auth)
    {
        var store = Store(By(auth));
        Assert.True((await store.Put(Access, Path, Word("v"), null, Ct)).IsOk);
        await store.Get(Access, Path, null, Ct);
        Assert.Equal((1, 0), (_server.Tokens.LogIns, _server.Tokens.Renewals));
        _clock.Advance(TimeSpan.FromSeconds(2399));
        await store.Get(Access, Path, null, Ct);
        Assert.Equal(0, _server.Tokens.Renewals);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await store.Get(Access, Path, null, Ct);
        Assert.Equal((1, 1), (_server.Tokens.LogIns, _server.Tokens.Renewals));
        _clock.Advance(TimeSpan.FromHours(5));
        Assert.True((await store.Get(Access, Path, null, Ct)).IsOk);
        Assert.Equal(2, _server.Tokens.LogIns);
        _server.Tokens.RevokeAll(); // As after a restart of Vault: the token is refused although its time is not over.
        Assert.True((await store.Get(Access, Path, null, Ct)).IsOk);
        Assert.Equal(3, _server.Tokens.LogIns);
    }

    [Fact]
    public async Task At_the_maximum_lifetime_it_logs_in_anew_instead_of_renewing_for_ever()
    {
        var store = Store(By(VaultAuth.AppRole));
        await store.Put(Access, Path, Word("v"), null, Ct);
        _server.Tokens.IsAtMaximum = true;
        _clock.Advance(TimeSpan.FromSeconds(2400));
        Assert.True((await store.Get(Access, Path, null, Ct)).IsOk);
        Assert.Equal(2, _server.Tokens.LogIns);
    }

    [Fact]
    public async Task A_refused_log_in_names_the_settings_and_works_again_with_a_new_secret_id()
    {
        _server.Tokens.SecretId = "another";
        var options = By(VaultAuth.AppRole);
        var store = Store(options);
        var refused = await store.Get(Access, Path, null, Ct);
        Assert.Equal("secret.forbidden", refused.Problem?.Code);
        Assert.Contains("SECRETIDFILE", refused.Problem?.Detail);
        await File.WriteAllTextAsync(options.SecretIdFile!, "another", Ct);
        Assert.True((await store.Put(Access, Path, Word("v"), null, Ct)).IsOk);
    }

    [Fact]
    public async Task A_wrapped_secret_id_is_opened_once_and_used()
    {
        var token = _server.Tokens.Wrap(new { data = new { secret_id = "secret-id-1" } }, "auth/approle/role/penguin/secret-id");
        var options = By(VaultAuth.AppRole) with { SecretIdFile = Guarded("wrapped", token), IsSecretIdWrapped = true };
        Assert.True((await Store(options).Put(Access, Path, Word("v"), null, Ct)).IsOk);
        var stolen = await Store(options).Get(Access, Path, null, Ct);
        Assert.Contains("somebody else did", stolen.Problem?.Detail);
    }

    [Fact]
    public async Task The_namespace_goes_with_every_request()
    {
        var store = Store(By(VaultAuth.AppRole) with { Namespace = "team/mail" });
        await store.Put(Access, Path, Word("v"), null, Ct);
        Assert.All(_server.Namespaces, space => Assert.Equal("team/mail", space));
    }

    [Fact]
    public async Task Each_account_has_a_folder_of_its_own_and_the_policy_can_hold_it()
    {
        _server.Allowed = $"{_tenant.Value:N}";
        var store = Store();
        Assert.True((await store.Put(Access, Path, Word("v"), null, Ct)).IsOk);
        Assert.Contains($"POST secret/data/penguinmails/{_tenant.Value:N}/{Path}", _server.Requests);
        var other = Access with { Actor = Actor.System(database.NewTenant()) };
        Assert.Equal("secret.forbidden", (await store.Put(other, Path, Word("v"), null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_token_file_that_others_can_read_is_not_used()
    {
        var file = Guarded("token", VaultServer.Root);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var read = await Store(By(VaultAuth.Token) with { Token = null, TokenFile = file }).Get(Access, Path, null, Ct);
        Assert.Equal("secret.unavailable", read.Problem?.Code);
        Assert.Contains("chmod 600", read.Problem?.Detail);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("Address", "ftp://vault", "ADDRESS")]
    [InlineData("Address", "http://vault.example.com:8200", "https")]
    [InlineData("Address", "https://user:word@vault.example.com", "ADDRESS")]
    [InlineData("Auth", "ldap", "AUTH")]
    [InlineData("Auth", "approle", "ROLE")]
    [InlineData("Auth", "token", "TOKENFILE")]
    [InlineData("Mount", "../sys", "MOUNT")]
    [InlineData("Prefix", "a b", "PREFIX")]
    [InlineData("TimeoutSeconds", "0", "TIMEOUTSECONDS")]
    [InlineData("TimeoutSeconds", "11", "TIMEOUTSECONDS")]
    public void An_unfit_setting_stops_the_start_by_its_name(string key, string value, string named)
    {
        var settings = new Dictionary<string, string?> { ["Address"] = "https://vault.example.com:8200", ["Auth"] = "token", ["Token"] = key == "Auth" ? null : "x", [key] = value };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        Assert.Contains(named, Assert.Throws<InvalidOperationException>(() => VaultOptions.From(configuration, null)).Message);
    }
}
