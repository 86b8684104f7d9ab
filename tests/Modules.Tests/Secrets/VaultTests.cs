using PenguinMails.Core;
using PenguinMails.Secrets.Store;
using PenguinMails.Secrets.Vault;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>What the store does when Vault does not do as it should, and how it keeps its log-in alive.</summary>
public sealed partial class VaultTests(TestDatabase database) : IAsyncLifetime
{
    static readonly SecretPath Path = SecretPath.Parse("mailboxes/m/smtp");
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-vault-").FullName;
    readonly TestClock _clock = new();
    VaultServer _server = null!;
    TenantId _tenant;
    static CancellationToken Ct => TestContext.Current.CancellationToken;
    SecretAccess Access => new(Actor.System(_tenant), "a test", "test");

    static SecretFields Word(string word) => SecretFields.Of(("password", word));

    public async ValueTask InitializeAsync()
    {
        _tenant = database.NewTenant();
        _server = await VaultServer.Start();
        _server.Tokens.Clock = _clock;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    string Guarded(string name, string text)
    {
        var path = System.IO.Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    VaultOptions By(VaultAuth auth) => new(_server.Address, auth)
    {
        AuthMount = auth.ToString().ToLowerInvariant(), Role = auth == VaultAuth.Token ? null : "role-1", TimeoutSeconds = 1,
        Token = auth == VaultAuth.Token ? VaultServer.Root : null, SecretIdFile = auth == VaultAuth.AppRole ? Guarded("secret-id", "secret-id-1") : null, JwtFile = Guarded("jwt", "jwt-1"),
    };

    VaultStore Store(VaultOptions? options = null) => VaultStoreTests.Of(_server, database.Db, _clock, options ?? By(VaultAuth.Token));

    int Asked(string start) => _server.Requests.Count(request => request.StartsWith(start, StringComparison.Ordinal));

    [Theory]
    [InlineData(VaultFault.Sealed, "secret.sealed", "Unseal")]
    [InlineData(VaultFault.Throttled, "secret.throttled", "fewer")]
    [InlineData(VaultFault.Broken, "secret.unavailable", "500")]
    [InlineData(VaultFault.Busy, "secret.unavailable", "503")]
    [InlineData(VaultFault.Denied, "secret.forbidden", "PENGUIN__SECRETS__VAULT__PREFIX")]
    [InlineData(VaultFault.Malformed, "secret.unavailable", "PENGUIN__SECRETS__VAULT__ADDRESS")]
    [InlineData(VaultFault.CutOff, "secret.unavailable", "PENGUIN__SECRETS__VAULT__ADDRESS")]
    [InlineData(VaultFault.Slow, "secret.unavailable", "within 1 s")]
    [InlineData(VaultFault.Redirects, "secret.unavailable", "active node")]
    public async Task A_fault_that_stays_is_refused_by_name_and_says_what_to_check(VaultFault fault, string code, string hint)
    {
        var store = Store();
        await store.Put(Access, Path, Word("v"), null, Ct);
        _server.Fail([.. Enumerable.Repeat(fault, 8)]);
        var read = await store.Get(Access, Path, null, Ct);
        Assert.Equal(code, read.Problem?.Code);
        Assert.Contains(hint, read.Problem?.Detail);
        Assert.DoesNotContain("s3cr3t", read.Problem?.Detail);
        var chain = await Audit.Newest(database.Db, _tenant, null, 10, Ct);
        Assert.Equal(["secret.refused", "secret.read", "secret.written"], chain.Select(entry => entry.Action));
        Assert.Contains(code, chain[0].Detail);
    }

    [Theory]
    [InlineData(VaultFault.Throttled)]
    [InlineData(VaultFault.Broken)]
    [InlineData(VaultFault.Busy)]
    [InlineData(VaultFault.CutOff)]
    [InlineData(VaultFault.Slow)]
    public async Task A_fault_that_passes_is_not_seen_by_a_reader(VaultFault fault)
    {
        var store = Store();
        await store.Put(Access, Path, Word("v"), null, Ct);
        _server.Fail(fault);
        Assert.Equal("v", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Theory]
    [InlineData(VaultFault.Broken, 1)]
    [InlineData(VaultFault.CutOff, 1)]
    [InlineData(VaultFault.Throttled, 2)]
    public async Task A_writing_whose_fate_is_unknown_is_not_sent_twice(VaultFault fault, int sent)
    {
        var store = Store();
        _server.Fail(fault);
        var put = await store.Put(Access, Path, Word("v"), null, Ct);
        Assert.Equal(sent == 2, put.IsOk);
        Assert.Equal(sent, Asked("POST secret/data/"));
    }

    [Fact]
    public async Task Nobody_there_is_unavailable_and_so_is_the_health()
    {
        var store = Store(By(VaultAuth.Token) with { Address = new Uri("http://127.0.0.1:1") });
        Assert.Equal("secret.unavailable", (await store.Get(Access, Path, null, Ct)).Problem?.Code);
        Assert.Equal(StoreState.Unreachable, (await store.Health(Ct)).State);
    }

    [Fact]
    public async Task Health_tells_ready_sealed_and_a_token_that_is_over_apart()
    {
        var store = Store();
        Assert.Equal(StoreState.Ready, (await store.Health(Ct)).State);
        _server.Always = VaultFault.Sealed;
        Assert.Equal(StoreState.Sealed, (await store.Health(Ct)).State);
        _server.Always = VaultFault.None;
        _server.Tokens.RevokeAll();
        var health = await store.Health(Ct);
        Assert.Equal((StoreState.Unreachable, true), (health.State, health.Detail.Contains("TOKENFILE", StringComparison.Ordinal)));
    }
}
