using System.Text;
using Microsoft.Extensions.Configuration;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>Where master keys come from, and what wraps what.</summary>
[Collection(nameof(SecretsWorld))]
public sealed class KeyTests(TestDatabase database) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("penguin-keys-").FullName;
    static readonly SecretPath Path = SecretPath.Parse("mailboxes/m/smtp");
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static SecretFields Word(string word) => SecretFields.Of(("password", word));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string KeyFile(string name, byte filled = 1, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, string? text = null)
    {
        var path = System.IO.Path.Combine(_folder, name);
        File.WriteAllText(path, text ?? Convert.ToBase64String(Enumerable.Repeat(filled, 32).ToArray()));
        File.SetUnixFileMode(path, mode);
        return path;
    }

    static KeySource Source(string text, string? credentials = null) => KeySource.Parse(text, "PENGUIN__SECRETS__MASTER", credentials);

    static SecretsOptions Under(string master, params string[] accepted) => new(Source("file:" + master), [.. accepted.Select(file => Source("file:" + file))], null);

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, true)]
    [InlineData(UnixFileMode.UserRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, false)]
    public async Task A_key_file_wider_than_0600_seals_the_store(UnixFileMode mode, bool works)
    {
        await using var world = new SecretsWorld(database, Under(KeyFile("master.key", mode: mode)));
        var put = await world.Store.Put(world.Access, Path, Word("v"), null, Ct);
        Assert.Equal(works, put.IsOk);
        if (works) return;
        Assert.Equal("secret.sealed", put.Problem?.Code);
        Assert.Contains("chmod 600", put.Problem?.Detail);
        Assert.Equal(StoreState.Sealed, (await world.Store.Health(Ct)).State);
        Assert.Equal("secret.refused", (await world.Chain())[0].Action);
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("")]
    public async Task A_file_that_is_no_key_seals_the_store_and_is_named(string text)
    {
        await using var world = new SecretsWorld(database, Under(KeyFile("short.key", text: text)));
        var put = await world.Store.Put(world.Access, Path, Word("v"), null, Ct);
        Assert.Equal("secret.sealed", put.Problem?.Code);
        Assert.Contains("short.key", put.Problem?.Detail);
    }

    [Theory]
    [InlineData("installation", KeySourceKind.Installation)]
    [InlineData("", KeySourceKind.Installation)]
    [InlineData("file:/etc/penguin/master.key", KeySourceKind.Key)]
    [InlineData("credential:penguin-master", KeySourceKind.Key)]
    [InlineData("passphrase:file:/etc/penguin/words", KeySourceKind.Passphrase)]
    [InlineData("passphrase:credential:words", KeySourceKind.Passphrase)]
    public void Sources_are_named_in_one_text(string text, KeySourceKind kind) => Assert.Equal(kind, Source(text, "/run/credentials/penguin.service").Kind);

    [Theory]
    [InlineData("file:relative.key")]
    [InlineData("credential:../../etc/passwd")]
    [InlineData("credential:")]
    [InlineData("base64:AAAA")]
    [InlineData("passphrase:hunter2")]
    public void Other_texts_stop_the_start_and_name_the_setting(string text) =>
        Assert.Contains("PENGUIN__SECRETS__MASTER", Assert.Throws<InvalidOperationException>(() => Source(text, "/run/credentials/x")).Message);

    [Fact]
    public void A_credential_without_systemd_stops_the_start() => Assert.Contains("CREDENTIALS_DIRECTORY", Assert.Throws<InvalidOperationException>(() => Source("credential:master")).Message);

    [Fact]
    public async Task A_systemd_credential_opens_the_store()
    {
        KeyFile("penguin-master", 7, UnixFileMode.UserRead);
        await using var world = new SecretsWorld(database, new SecretsOptions(Source("credential:penguin-master", _folder), [], null));
        Assert.True((await world.Store.Put(world.Access, Path, Word("v"), null, Ct)).IsOk);
        Assert.Equal("v", (await world.Store.Get(world.Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task The_same_passphrase_opens_again_and_another_does_not()
    {
        var (file, other) = (KeyFile("words", text: "anchor velvet tundra mosaic quartz\n"), KeyFile("other", text: "completely different six words here"));
        var options = new SecretsOptions(Source("passphrase:file:" + file), [], null);
        await using var world = new SecretsWorld(database, options);
        await world.Store.Put(world.Access, Path, Word("v"), null, Ct);
        await using var again = new SecretsWorld(database, options);
        Assert.Equal("v", (await again.Store.Get(world.Access, Path, null, Ct)).Value.Fields["password"]);
        await using var wrong = new SecretsWorld(database, new SecretsOptions(Source("passphrase:file:" + other), [], null));
        Assert.Equal("secret.sealed", (await wrong.Store.Get(world.Access, Path, null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_short_passphrase_is_refused()
    {
        await using var world = new SecretsWorld(database, new SecretsOptions(Source("passphrase:file:" + KeyFile("words", text: "nineteen characters")), [], null));
        Assert.Contains("20 characters", (await world.Store.Put(world.Access, Path, Word("v"), null, Ct)).Problem?.Detail);
    }

    // RFC 7914 12: the test vectors of scrypt.
    [Theory]
    [InlineData("", "", 16UL, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 1024UL, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    [InlineData("pleaseletmein", "SodiumChloride", 16384UL, 8, 1, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")]
    public void Scrypt_gives_the_vectors_of_its_standard(string passphrase, string salt, ulong cost, int blockSize, int parallel, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Scrypt.Derive(Encoding.ASCII.GetBytes(passphrase), Encoding.ASCII.GetBytes(salt), cost, blockSize, parallel, 64)));

    [Fact]
    public async Task The_master_key_is_rotated_without_a_moment_in_which_nothing_opens()
    {
        var (old, young) = (KeyFile("old.key", 1), KeyFile("new.key", 2));
        await using var before = new SecretsWorld(database, Under(old));
        await before.Store.Put(before.Access, Path, Word("kept"), null, Ct);

        // First every node also accepts the new key, then every node wraps with it: a node of either round reads what the other wrapped.
        await using var first = new SecretsWorld(database, Under(old, young));
        await using var second = new SecretsWorld(database, Under(young, old));
        Assert.Equal(new RewrapKeys.Output(1, 1), (await RewrapKeys.Handle(before.Access.Actor, second.Masters, database.Db, second.Clock, Ct)).Value);
        Assert.Equal(new RewrapKeys.Output(0, 1), (await RewrapKeys.Handle(before.Access.Actor, second.Masters, database.Db, second.Clock, Ct)).Value);
        foreach (var node in new[] { first, second }) Assert.Equal("kept", (await node.Store.Get(before.Access, Path, null, Ct)).Value.Fields["password"]);
        Assert.True((await first.Store.Put(before.Access, Path, Word("later"), 1, Ct)).IsOk);

        await using var after = new SecretsWorld(database, Under(young));
        Assert.Equal("later", (await after.Store.Get(before.Access, Path, null, Ct)).Value.Fields["password"]);
        Assert.Equal("secret.sealed", (await before.Store.Get(before.Access, Path, null, Ct)).Problem?.Code);
        Assert.Contains("PENGUIN__SECRETS__ACCEPTED", (await before.Store.Get(before.Access, Path, null, Ct)).Problem?.Detail);
    }

    [Fact]
    public async Task Rewrapping_without_the_old_key_is_refused_and_changes_nothing()
    {
        await using var world = new SecretsWorld(database, Under(KeyFile("old.key", 1)));
        await world.Store.Put(world.Access, Path, Word("kept"), null, Ct);
        await using var stranger = new SecretsWorld(database, Under(KeyFile("new.key", 2)));
        Assert.Equal("secret.sealed", (await RewrapKeys.Handle(world.Access.Actor, stranger.Masters, database.Db, stranger.Clock, Ct)).Problem?.Code);
        Assert.Equal("kept", (await world.Store.Get(world.Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task A_data_key_rotation_seals_everything_anew_and_destroys_the_old_key()
    {
        await using var world = new SecretsWorld(database);
        for (var n = 0; n < 205; n++) await world.Store.Put(world.Access, SecretPath.Parse($"many/{n}"), Word($"v{n}"), null, Ct); // One batch and five.
        Assert.Equal(2, (await RotateDataKey.Handle(world.Person(), "a drill", world.Masters, world.Db, world.Clock, Ct)).Value.Generation);
        Assert.Equal("secret.key_rotating", (await RotateDataKey.Handle(world.Person(), "a drill", world.Masters, world.Db, world.Clock, Ct)).Problem?.Code);
        await world.Store.Put(world.Access, SecretPath.Parse("many/meanwhile"), Word("under the new key"), null, Ct);
        Assert.Equal("v7", (await world.Store.Get(world.Access, SecretPath.Parse("many/7"), null, Ct)).Value.Fields["password"]);
        await world.Jobs();
        Assert.Equal(0, await world.Count("select count(*) from secrets.secret_version where tenant_id = $1 and generation < 2"));
        Assert.Equal(1, await world.Count("select count(*) from secrets.tenant_key where tenant_id = $1 and generation = 1 and state = 'destroyed' and wrapped is null"));
        foreach (var n in new[] { 0, 100, 204 }) Assert.Equal($"v{n}", (await world.Store.Get(world.Access, SecretPath.Parse($"many/{n}"), null, Ct)).Value.Fields["password"]);
        Assert.Equal(3, (await RotateDataKey.Handle(world.Person(), "once more", world.Masters, world.Db, world.Clock, Ct)).Value.Generation);
    }

    [Fact]
    public async Task Writers_during_a_data_key_rotation_lose_nothing()
    {
        await using var world = new SecretsWorld(database);
        await world.Store.Put(world.Access, Path, Word("start"), null, Ct);
        var writing = Task.WhenAll(Enumerable.Range(0, 12).Select(n => Task.Run(() => world.Store.Put(world.Access, SecretPath.Parse($"w/{n}"), Word($"v{n}"), 0, Ct), Ct)));
        Assert.True((await RotateDataKey.Handle(world.Person(), "a drill", world.Masters, world.Db, world.Clock, Ct)).IsOk);
        await world.Jobs();
        Assert.All(await writing, put => Assert.True(put.IsOk, put.Problem?.Code));
        for (var n = 0; n < 12; n++) Assert.Equal($"v{n}", (await world.Store.Get(world.Access, SecretPath.Parse($"w/{n}"), null, Ct)).Value.Fields["password"]);
    }

    [Theory]
    [InlineData("vaulty", "PENGUIN__SECRETS__STORE")]
    [InlineData("vault", "PENGUIN__SECRETS__VAULT__ADDRESS")]
    public void An_unfit_store_stops_the_start(string store, string named)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Secrets:Store"] = store }).Build();
        Assert.Contains(named, Assert.Throws<InvalidOperationException>(() => SecretsOptions.From(configuration, null)).Message);
    }
}
