using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>What every store promises. Each test has a tenant of its own; subclasses say which store it is.</summary>
public abstract partial class StoreContract(TestDatabase database)
{
    protected TestDatabase Database => database;
    protected TenantId Tenant { get; } = database.NewTenant();
    protected static CancellationToken Ct => TestContext.Current.CancellationToken;
    protected static readonly SecretPath Path = SecretPath.Parse("mailboxes/mbx_1/smtp");
    protected SecretAccess Access => new(Actor.System(Tenant), "contract test", "test 127.0.0.1");

    protected abstract Task<ISecretStore> Store();

    protected static SecretFields Word(string word) => SecretFields.Of(("password", word));

    static void Refused<T>(string code, Result<T> result) => Assert.Equal(code, result.Problem?.Code);

    [Fact]
    public async Task A_secret_reads_as_it_was_written_and_each_writing_is_a_version()
    {
        var store = await Store();
        Assert.Equal(1, (await store.Put(Access, Path, SecretFields.Of(("password", "grün ♥ \"x\""), ("user", "")), null, Ct)).Value);
        Assert.Equal(2, (await store.Put(Access, Path, Word("second"), null, Ct)).Value);
        var (now, first) = ((await store.Get(Access, Path, null, Ct)).Value, (await store.Get(Access, Path, 1, Ct)).Value);
        Assert.Equal((2, "second"), (now.Version, now.Fields["password"]));
        Assert.Equal((1, "grün ♥ \"x\"", ""), (first.Version, first.Fields["password"], first.Fields["user"]));
        Refused("secret.not_found", await store.Get(Access, Path, 3, Ct));
        Refused("secret.not_found", await store.Get(Access, SecretPath.Parse("nothing/here"), null, Ct));
    }

    [Fact]
    public async Task Check_and_set_writes_over_the_expected_version_only()
    {
        var store = await Store();
        Refused("secret.cas_mismatch", await store.Put(Access, Path, Word("a"), 1, Ct));
        Refused("secret.not_found", await store.Get(Access, Path, null, Ct));
        Assert.Equal(1, (await store.Put(Access, Path, Word("a"), 0, Ct)).Value);
        Refused("secret.cas_mismatch", await store.Put(Access, Path, Word("b"), 0, Ct));
        Refused("secret.cas_mismatch", await store.Put(Access, Path, Word("b"), 2, Ct));
        Assert.Equal(2, (await store.Put(Access, Path, Word("b"), 1, Ct)).Value);
        Assert.Equal("b", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task Of_two_writers_with_the_same_expectation_one_wins()
    {
        var store = await Store();
        await store.Put(Access, Path, Word("start"), 0, Ct);
        var both = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => store.Put(Access, Path, Word($"writer {n}"), 1, Ct)));
        var winner = Assert.Single(both.Index(), one => one.Item.IsOk);
        Assert.All(both.Where(one => !one.IsOk), one => Refused("secret.cas_mismatch", one));
        Assert.Equal($"writer {winner.Index}", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
        Assert.Equal(2, (await store.Describe(Access, Path, Ct)).Value.CurrentVersion);
    }

    [Fact]
    public async Task A_deleted_version_comes_back_and_a_destroyed_one_does_not()
    {
        var store = await Store();
        await store.Put(Access, Path, Word("one"), null, Ct);
        await store.Put(Access, Path, Word("two"), null, Ct);
        Assert.True((await store.Delete(Access, Path, 1, Ct)).IsOk);
        Assert.True((await store.Delete(Access, Path, 1, Ct)).IsOk);
        Refused("secret.deleted", await store.Get(Access, Path, 1, Ct));
        Assert.Equal("two", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
        Assert.True((await store.Undelete(Access, Path, 1, Ct)).IsOk);
        Assert.Equal("one", (await store.Get(Access, Path, 1, Ct)).Value.Fields["password"]);
        Assert.True((await store.Destroy(Access, Path, 1, Ct)).IsOk);
        Assert.True((await store.Destroy(Access, Path, 1, Ct)).IsOk);
        Refused("secret.destroyed", await store.Get(Access, Path, 1, Ct));
        Refused("secret.destroyed", await store.Undelete(Access, Path, 1, Ct));
        Refused("secret.not_found", await store.Delete(Access, Path, 9, Ct));
        var versions = (await store.Describe(Access, Path, Ct)).Value.Versions;
        Assert.Equal([(1, true), (2, false)], versions.Select(version => (version.Version, version.IsDestroyed)));
    }

    [Fact]
    public async Task The_newest_ten_versions_are_kept()
    {
        var store = await Store();
        for (var n = 1; n <= 11; n++) await store.Put(Access, Path, Word($"v{n}"), n - 1, Ct);
        Refused("secret.not_found", await store.Get(Access, Path, 1, Ct));
        Assert.Equal("v2", (await store.Get(Access, Path, 2, Ct)).Value.Fields["password"]);
        Assert.Equal("v11", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task A_removed_secret_is_gone_with_its_numbers()
    {
        var store = await Store();
        await store.Put(Access, Path, Word("one"), null, Ct);
        Assert.True((await store.Remove(Access, Path, Ct)).IsOk);
        Assert.True((await store.Remove(Access, Path, Ct)).IsOk);
        Refused("secret.not_found", await store.Get(Access, Path, 1, Ct));
        Refused("secret.not_found", await store.Describe(Access, Path, Ct));
        Assert.Equal(1, (await store.Put(Access, Path, Word("anew"), 0, Ct)).Value);
    }

    [Fact]
    public async Task A_listing_shows_names_and_folders_one_level_deep_in_order()
    {
        var store = await Store();
        foreach (var path in new[] { "b", "a/x", "a/y/z", "ab" }) await store.Put(Access, SecretPath.Parse(path), Word("v"), null, Ct);
        Assert.Equal(["a/", "ab", "b"], (await store.List(Access, null, Ct)).Value);
        Assert.Equal(["x", "y/"], (await store.List(Access, SecretPath.Parse("a"), Ct)).Value);
        Assert.Empty((await store.List(Access, SecretPath.Parse("nothing"), Ct)).Value);
    }

    [Fact]
    public async Task One_tenant_reaches_nothing_of_another()
    {
        var store = await Store();
        await store.Put(Access, Path, Word("mine"), null, Ct);
        var wrapped = (await store.Wrap(Access, Path, null, TimeSpan.FromMinutes(5), Ct)).Value;
        var other = Access with { Actor = Actor.System(database.NewTenant()) };
        Refused("secret.not_found", await store.Get(other, Path, null, Ct));
        Refused("secret.not_found", await store.Describe(other, Path, Ct));
        Refused("secret.not_found", await store.Delete(other, Path, 1, Ct));
        Refused("secret.not_found", await store.Undelete(other, Path, 1, Ct));
        Refused("secret.not_found", await store.Destroy(other, Path, 1, Ct));
        Refused("secret.wrap_invalid", await store.Unwrap(other, wrapped.Token, Ct));
        Assert.Empty((await store.List(other, null, Ct)).Value);
        Assert.True((await store.Remove(other, Path, Ct)).IsOk);
        Assert.Equal(1, (await store.Put(other, Path, Word("theirs"), 0, Ct)).Value);
        Assert.Equal("mine", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
        Assert.True((await store.Shred(other, Ct)).IsOk);
        Assert.Equal("mine", (await store.Get(Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task A_wrapping_opens_once_and_fixes_its_version()
    {
        var store = await Store();
        Refused("secret.not_found", await store.Wrap(Access, Path, null, TimeSpan.FromMinutes(1), Ct));
        await store.Put(Access, Path, Word("one"), null, Ct);
        var wrapped = (await store.Wrap(Access, Path, null, TimeSpan.FromMinutes(1), Ct)).Value;
        await store.Put(Access, Path, Word("two"), null, Ct);
        Assert.DoesNotContain(wrapped.Token, wrapped.ToString());
        Assert.Equal("one", (await store.Unwrap(Access, wrapped.Token, Ct)).Value["password"]);
        Refused("secret.wrap_invalid", await store.Unwrap(Access, wrapped.Token, Ct));
        Refused("secret.wrap_invalid", await store.Unwrap(Access, "nonsense", Ct));
    }
}
