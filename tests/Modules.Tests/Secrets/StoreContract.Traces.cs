using PenguinMails.Core;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

public abstract partial class StoreContract
{
    [Fact]
    public async Task After_shredding_nothing_is_readable_and_nothing_new_is_taken()
    {
        var store = await Store();
        var second = SecretPath.Parse("deep/er/one");
        foreach (var path in new[] { Path, second }) await store.Put(Access, path, Word("gone for good"), null, Ct);
        Assert.True((await store.Shred(Access, Ct)).IsOk);
        foreach (var path in new[] { Path, second }) Refused("secret.shredded", await store.Get(Access, path, 1, Ct));
        Refused("secret.shredded", await store.Put(Access, Path, Word("new"), null, Ct));
        Assert.True((await store.Shred(Access, Ct)).IsOk);
        await Nothing_is_left();
    }

    /// <summary>Looks behind the store after shredding.</summary>
    protected abstract Task Nothing_is_left();

    [Fact]
    public async Task Every_access_is_in_the_chain_with_who_what_why_and_from_where_and_never_the_value()
    {
        var store = await Store();
        await store.Put(Access, Path, Word("v4lue-that-must-not-show"), null, Ct);
        await store.Get(Access, Path, null, Ct);
        await store.Describe(Access, Path, Ct);
        await store.List(Access, null, Ct);
        await store.Delete(Access, Path, 1, Ct);
        await store.Get(Access, Path, null, Ct);
        await store.Undelete(Access, Path, 1, Ct);
        var token = (await store.Wrap(Access, Path, null, TimeSpan.FromMinutes(1), Ct)).Value.Token;
        await store.Unwrap(Access, token, Ct);
        await store.Destroy(Access, Path, 1, Ct);
        await store.Remove(Access, Path, Ct);
        var chain = await Audit.Newest(database.Db, Tenant, null, 100, Ct);
        foreach (var verb in new[] { "written", "read", "described", "listed", "deleted", "refused", "undeleted", "wrapped", "unwrapped", "destroyed", "removed" })
            Assert.Contains(chain, entry => entry.Action == "secret." + verb);
        Assert.All(chain, entry => Assert.Equal("system", entry.Actor));
        Assert.All(chain, entry => Assert.Contains("contract test", entry.Detail));
        Assert.All(chain, entry => Assert.Contains("test 127.0.0.1", entry.Detail));
        Assert.DoesNotContain(chain, entry => entry.Detail.Contains("v4lue", StringComparison.Ordinal) || entry.Detail.Contains(token, StringComparison.Ordinal));
        Assert.Contains("secret.deleted", Assert.Single(chain, entry => entry.Action == "secret.refused").Detail);
        Assert.Null((await Audit.Verify(database.Db, Tenant, Ct)).BrokenAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("two\nlines")]
    public async Task Without_a_reason_nothing_is_given(string reason)
    {
        var store = await Store();
        await store.Put(Access, Path, Word("v"), null, Ct);
        Refused("secret.reason_missing", await store.Get(Access with { Reason = reason }, Path, null, Ct));
        Refused("secret.reason_missing", await store.Put(Access with { Reason = reason }, Path, Word("w"), null, Ct));
    }

    [Fact]
    public async Task Random_work_gives_what_a_list_in_memory_gives()
    {
        var store = await Store();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var model = new Dictionary<string, List<string?>>();
        for (var step = 0; step < 60; step++)
        {
            var path = SecretPath.Parse($"p{random.Next(3)}");
            var versions = model.TryGetValue(path.Text, out var known) ? known : model[path.Text] = [];
            if (random.Next(3) == 0 && versions.Count > 0)
            {
                var version = random.Next(1, versions.Count + 1);
                if (version <= versions.Count - 10) continue;
                await store.Destroy(Access, path, version, Ct);
                versions[version - 1] = null;
            }
            else if (random.Next(2) == 0)
            {
                var value = new string([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (char)random.Next(0x20, 0x2FFF))]);
                var expected = random.Next(2) == 0 ? versions.Count : versions.Count + 1;
                var put = await store.Put(Access, path, Word(value), expected, Ct);
                Assert.Equal(expected == versions.Count, put.IsOk);
                if (put.IsOk) versions.Add(value);
            }

            var read = await store.Get(Access, path, null, Ct);
            if (versions.Count == 0) Refused("secret.not_found", read);
            else if (versions[^1] is { } last) Assert.Equal(last, read.Value.Fields["password"]);
            else Refused("secret.destroyed", read);
        }
    }
}
