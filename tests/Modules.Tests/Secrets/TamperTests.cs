using PenguinMails.Core;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>Somebody with a hand in the database gets refusals, never a value and never another's.</summary>
[Collection(nameof(SecretsWorld))]
public sealed class TamperTests(TestDatabase database)
{
    static readonly SecretPath Path = SecretPath.Parse("mailboxes/m/smtp");
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static SecretFields Word(string word) => SecretFields.Of(("password", word));

    const string Flip = "update secrets.secret_version set box = set_byte(box, $2, get_byte(box, $2) # 1) where tenant_id = $1";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(40)]
    public async Task One_bit_changed_in_the_row_and_the_value_does_not_open(int at)
    {
        await using var world = new SecretsWorld(database);
        await world.Store.Put(world.Access, Path, Word("a value of some length"), null, Ct);
        await world.Do(Flip, at);
        Assert.Equal("secret.damaged", (await world.Store.Get(world.Access, Path, null, Ct)).Problem?.Code);
        await world.Do(Flip, at);
        Assert.Equal("a value of some length", (await world.Store.Get(world.Access, Path, null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task A_changed_data_key_does_not_open()
    {
        await using var world = new SecretsWorld(database);
        await world.Store.Put(world.Access, Path, Word("v"), null, Ct);
        await world.Do("update secrets.tenant_key set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 128) where tenant_id = $1");
        Assert.Equal("secret.damaged", (await world.Store.Get(world.Access, Path, null, Ct)).Problem?.Code);
        Assert.Equal("secret.damaged", (await world.Store.Put(world.Access, Path, Word("w"), null, Ct)).Problem?.Code);
    }

    [Theory]
    [InlineData("update secrets.secret_version v set box = o.box from secrets.secret_version o where v.tenant_id = $1 and o.tenant_id = $1 and o.secret_id <> v.secret_id and o.version = v.version", "b")] // Between paths.
    [InlineData("update secrets.secret_version v set box = o.box from secrets.secret_version o where v.tenant_id = $1 and o.tenant_id = $1 and o.secret_id = v.secret_id and o.version <> v.version", "b")] // Between versions.
    [InlineData("update secrets.secret set path = 'c' where tenant_id = $1 and path = 'a'", "c")] // The name moved instead.
    public async Task A_value_moved_inside_its_tenant_does_not_open(string swap, string read)
    {
        await using var world = new SecretsWorld(database);
        foreach (var path in new[] { "a", "b" })
            for (var n = 1; n <= 2; n++) await world.Store.Put(world.Access, SecretPath.Parse(path), Word($"{path}{n}"), null, Ct);
        await world.Do(swap);
        Assert.Equal("secret.damaged", (await world.Store.Get(world.Access, SecretPath.Parse(read), 1, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_value_and_its_key_copied_to_another_tenant_do_not_open()
    {
        await using var mine = new SecretsWorld(database);
        await using var theirs = new SecretsWorld(database);
        await mine.Store.Put(mine.Access, Path, Word("mine"), null, Ct);
        await theirs.Store.Put(theirs.Access, Path, Word("theirs"), null, Ct);
        await Copy("secret_version", "box", mine.Tenant, theirs.Tenant);
        Assert.Equal("secret.damaged", (await theirs.Store.Get(theirs.Access, Path, null, Ct)).Problem?.Code);
        await Copy("tenant_key", "wrapped", mine.Tenant, theirs.Tenant);
        Assert.Equal("secret.damaged", (await theirs.Store.Get(theirs.Access, Path, null, Ct)).Problem?.Code);
    }

    [Fact]
    public void Every_flipped_bit_and_every_other_place_is_refused()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var (key, plain) = (new byte[32], new byte[random.Next(0, 300)]);
            random.NextBytes(key);
            random.NextBytes(plain);
            var (tenant, path, version, generation) = (new TenantId(Guid.CreateVersion7()), $"p{random.Next(9)}/x", random.Next(1, 99), random.Next(1, 9));
            var place = Envelope.PlaceOf(tenant, path, version, generation);
            var box = Envelope.Seal(key, place, plain);
            Assert.True(Envelope.TryOpen(key, place, box, out var opened) && opened.AsSpan().SequenceEqual(plain));
            Assert.False(Envelope.TryOpen(key, Envelope.PlaceOf(new TenantId(Guid.CreateVersion7()), path, version, generation), box, out _));
            Assert.False(Envelope.TryOpen(key, Envelope.PlaceOf(tenant, path + "y", version, generation), box, out _));
            Assert.False(Envelope.TryOpen(key, Envelope.PlaceOf(tenant, path, version + 1, generation), box, out _));
            Assert.False(Envelope.TryOpen(key, Envelope.PlaceOf(tenant, path, version, generation + 1), box, out _));
            Assert.False(Envelope.TryOpen(key, place, box.AsSpan(0, random.Next(0, box.Length)), out _));
            box[random.Next(box.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(Envelope.TryOpen(key, place, box, out _));
        }
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("mailboxes/mbx_01/smtp", true)]
    [InlineData("a.b-c_d/0", true)]
    [InlineData("", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a//b", false)]
    [InlineData("../a", false)]
    [InlineData("a/../b", false)]
    [InlineData(".hidden", false)]
    [InlineData("A", false)]
    [InlineData("a b", false)]
    [InlineData("a%2fb", false)]
    [InlineData("a?b", false)]
    [InlineData("ä", false)]
    [InlineData("1/2/3/4/5/6/7/8", true)]
    [InlineData("1/2/3/4/5/6/7/8/9", false)]
    public void Paths_climb_nowhere_and_need_no_escaping(string text, bool isPath) => Assert.Equal(isPath, SecretPath.TryParse(text, out _));

    [Fact]
    public void Limits_of_paths_and_fields_hold_on_both_sides()
    {
        Assert.True(SecretPath.TryParse(new string('a', 64), out _));
        Assert.False(SecretPath.TryParse(new string('a', 65), out _));
        var long200 = string.Join('/', Enumerable.Repeat(new string('a', 49), 4)) + "b";
        Assert.True(long200.Length == 200 && SecretPath.TryParse(long200, out _));
        Assert.False(SecretPath.TryParse(long200 + "c", out _));

        static bool Fits(int fields, int bytes) => SecretFields.TryCreate(Enumerable.Range(0, fields).ToDictionary(n => $"f{n}", n => n == 0 ? new string('x', bytes) : ""), out _, out _);
        Assert.True(Fits(32, 10));
        Assert.False(Fits(33, 10));
        Assert.True(Fits(1, SecretFields.BytesMax - 2));
        Assert.False(Fits(1, SecretFields.BytesMax - 1));
        Assert.False(SecretFields.TryCreate(new Dictionary<string, string>(), out _, out _));
        Assert.False(SecretFields.TryCreate(new Dictionary<string, string> { ["A"] = "" }, out _, out _));
        Assert.False(SecretFields.TryCreate(new Dictionary<string, string> { ["a"] = "x\0y" }, out _, out _));
    }

    async Task Copy(string table, string column, TenantId from, TenantId to)
    {
        byte[] stolen;
        await using (var tx = await database.Db.Begin(from, Ct)) stolen = await tx.One($"select {column} from secrets.{table} where tenant_id = $1", row => row.GetFieldValue<byte[]>(0), Ct, from);
        await using var other = await database.Db.Begin(to, Ct);
        await other.Execute($"update secrets.{table} set {column} = $2 where tenant_id = $1", Ct, to, stolen);
        await other.Commit(Ct);
    }
}
