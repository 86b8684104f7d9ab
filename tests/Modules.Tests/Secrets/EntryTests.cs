using PenguinMails.Core;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.BreakGlass;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>What people may do, what belongs to others, and what never shows.</summary>
[Collection(nameof(SecretsWorld))]
public sealed class EntryTests(TestDatabase database)
{
    const string Value = "pl4in-v4lue-of-the-secret";
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<WriteSecret.Output>> Write(SecretsWorld world, Actor actor, string path = "mailboxes/m/smtp", int? expected = null, string? kind = null, string reason = "set up") =>
        WriteSecret.Handle(actor, new(path, new Dictionary<string, string> { ["password"] = Value }, reason, expected, kind), "web 198.51.100.7", world.Store, world.Db, world.Clock, Ct);

    static async Task<string?> Code<T>(Task<Result<T>> work) => (await work).Problem?.Code;

    // Every verb of the module as a person calls it.
    static List<(string Name, Task<string?> Code)> Verbs(SecretsWorld world, Actor actor, SecretId secret, RotationId run, GrantId grant) =>
    [
        ("list", Code(ListSecrets.Handle(actor, new(), world.Db, Ct))),
        ("one", Code(ListSecrets.One(actor, secret, world.Db, Ct))),
        ("write", Code(Write(world, actor, "other/path"))),
        ("delete", Code(ChangeVersion.Delete(actor, secret, new(1, "a test"), "t", world.Store, world.Db, Ct))),
        ("undelete", Code(ChangeVersion.Undelete(actor, secret, new(1, "a test"), "t", world.Store, world.Db, Ct))),
        ("destroy", Code(ChangeVersion.Destroy(actor, secret, new(1, "a test"), "t", world.Store, world.Db, Ct))),
        ("remove", Code(ChangeVersion.Remove(actor, secret, new("a test"), "t", world.Store, world.Db, Ct))),
        ("status", Code(ReadStatus.Handle(actor, world.Store, world.Db, world.Clock, Ct))),
        ("shred", Code(ShredSecrets.Handle(actor, new("Acme", "Acme", "a test"), world.Store, Ct))),
        ("accesses", Code(ListAccesses.Handle(actor, new(), world.Db, Ct))),
        ("plan", Code(PlanRotation.Handle(actor, secret, new(RotationKinds.Other, 5), world.Db, world.Clock, Ct))),
        ("rotate", Code(StartRotation.Handle(actor, secret, new("a test"), world.Rotators, world.Db, world.Clock, Ct))),
        ("resume", Code(ResumeRotation.Handle(actor, run, new(), world.Db, world.Clock, Ct))),
        ("calendar", Code(ListRotations.Handle(actor, null, null, world.Db, Ct))),
        ("rewrap", Code(RewrapKeys.Handle(actor, world.Masters, world.Db, world.Clock, Ct))),
        ("data key", Code(RotateDataKey.Handle(actor, "a test", world.Masters, world.Db, world.Clock, Ct))),
        ("ask", Code(RequestBreakGlass.Handle(actor, new(secret, "a reason that is long enough", 5), world.Db, world.Clock, Ct))),
        ("approve", Code(DecideBreakGlass.Approve(actor, grant, world.Db, world.Clock, Ct))),
        ("refuse", Code(DecideBreakGlass.Refuse(actor, grant, world.Db, world.Clock, Ct))),
        ("close", Code(DecideBreakGlass.Close(actor, grant, world.Db, world.Clock, Ct))),
        ("read", Code(ReadBehindGlass.Handle(actor, grant, "t", world.Store, world.Db, world.Clock, Ct))),
        ("grants", Code(ListGrants.Handle(actor, null, null, world.Db, world.Clock, Ct))),
        ("grant", Code(ListGrants.One(actor, grant, world.Db, world.Clock, Ct))),
    ];

    static async Task<(SecretId Secret, RotationId Run, GrantId Grant)> Furnish(SecretsWorld world)
    {
        var secret = (await Write(world, world.Person(), kind: RotationKinds.ApiKey)).Value.Id;
        var run = (await StartRotation.Handle(world.Person(), secret, new("a test"), world.Rotators, world.Db, world.Clock, Ct)).Value.Id;
        return (secret, run, (await RequestBreakGlass.Handle(world.Person(), new(secret, "a reason that is long enough", 5), world.Db, world.Clock, Ct)).Value.Id);
    }

    [Fact]
    public async Task Without_its_permission_no_verb_does_anything()
    {
        await using var peer = new CredentialPeer(Value);
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var (secret, run, grant) = await Furnish(world);
        var lines = (await world.Chain()).Count;
        foreach (var (name, code) in Verbs(world, world.Person(Permissions.MailboxesManage), secret, run, grant)) Assert.True(await code == "permission.missing", $"{name}: {await code}");
        Assert.Equal(lines, (await world.Chain()).Count);
    }

    [Fact]
    public async Task Another_account_finds_nothing_and_changes_nothing()
    {
        await using var peer = new CredentialPeer(Value);
        await using var mine = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        await using var theirs = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var (secret, run, grant) = await Furnish(mine);
        var before = (await mine.Chain()).Count;
        string[] missing = ["secret.not_found", "rotation.not_found", "break_glass.not_found", "secret.key_missing"];
        foreach (var (name, code) in Verbs(theirs, theirs.Person(), secret, run, grant).Where(verb => verb.Name is not ("list" or "write" or "status" or "shred" or "accesses" or "calendar" or "rewrap" or "data key" or "grants")))
            Assert.Contains(await code ?? name, missing);
        Assert.DoesNotContain((await ListSecrets.Handle(theirs.Person(), new(), theirs.Db, Ct)).Value.Items, entry => entry.Id == secret);
        Assert.DoesNotContain((await ListAccesses.Handle(theirs.Person(), new(), theirs.Db, Ct)).Value.Items, access => access.Path == "mailboxes/m/smtp");
        Assert.Empty((await ListRotations.Handle(theirs.Person(), null, null, theirs.Db, Ct)).Value.Items);
        Assert.Empty((await ListGrants.Handle(theirs.Person(), null, null, theirs.Db, theirs.Clock, Ct)).Value.Items);
        Assert.Equal(before, (await mine.Chain()).Count);
        Assert.Equal(Value, (await mine.Store.Get(mine.Access, PenguinMails.Secrets.Store.SecretPath.Parse("mailboxes/m/smtp"), null, Ct)).Value.Fields["password"]);
    }

    [Fact]
    public async Task Writing_refuses_by_name()
    {
        await using var world = new SecretsWorld(database);
        Assert.Equal("secret.path_invalid", (await Write(world, world.Person(), "../up")).Problem?.Code);
        Assert.Equal("secret.path_reserved", (await Write(world, world.Person(), "rotation/x")).Problem?.Code);
        Assert.Equal("rotation.kind_unknown", (await Write(world, world.Person(), kind: "tea")).Problem?.Code);
        Assert.Equal("secret.reason_missing", (await Write(world, world.Person(), reason: " x ")).Problem?.Code);
        Assert.Equal("secret.cas_mismatch", (await Write(world, world.Person(), expected: 3)).Problem?.Code);
        var fields = await WriteSecret.Handle(world.Person(), new("a", new Dictionary<string, string>(), "set up"), "t", world.Store, world.Db, world.Clock, Ct);
        Assert.Equal("secret.fields_invalid", fields.Problem?.Code);
    }

    [Fact]
    public async Task The_version_in_use_is_not_destroyed_by_mistake()
    {
        await using var world = new SecretsWorld(database);
        var secret = (await Write(world, world.Person())).Value.Id;
        Assert.Equal("secret.version_current", (await ChangeVersion.Destroy(world.Person(), secret, new(1, "a test"), "t", world.Store, world.Db, Ct)).Problem?.Code);
        await Write(world, world.Person());
        Assert.True((await ChangeVersion.Destroy(world.Person(), secret, new(1, "a test"), "t", world.Store, world.Db, Ct)).IsOk);
        Assert.Equal([true, false], (await ListSecrets.One(world.Person(), secret, world.Db, Ct)).Value.Versions.Select(version => version.IsDestroyed));
    }

    [Fact]
    public async Task Lists_page_through_everything_once_in_order()
    {
        await using var world = new SecretsWorld(database);
        foreach (var n in Enumerable.Range(0, 7)) await Write(world, world.Person(), $"p/{n}");
        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = (await ListSecrets.Handle(world.Person(), new(null, cursor, 3), world.Db, Ct)).Value;
            seen.AddRange(page.Items.Select(entry => entry.Path));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Equal(["p/0", "p/1", "p/2", "p/3", "p/4", "p/5", "p/6"], seen);
        Assert.Equal("p/4", Assert.Single((await ListSecrets.Handle(world.Person(), new("/4"), world.Db, Ct)).Value.Items).Path);
        var accesses = (await ListAccesses.Handle(world.Person(), new("p/4"), world.Db, Ct)).Value.Items;
        Assert.Equal(("written", "ok", "set up", "web 198.51.100.7"), (accesses[0].Verb, accesses[0].Outcome, accesses[0].Reason, accesses[0].Source));
        Assert.Single(accesses);
    }

    [Theory]
    [InlineData("Acme", "Acme", true)]
    [InlineData("Acme", "acme", false)]
    [InlineData("", "", false)]
    public async Task Shredding_needs_the_accounts_name(string name, string typed, bool shreds)
    {
        await using var world = new SecretsWorld(database);
        await Write(world, world.Person());
        Assert.Equal(shreds ? null : "secret.shred_unconfirmed", (await ShredSecrets.Handle(world.Person(), new(name, typed, "the customer left"), world.Store, Ct)).Problem?.Code);
        Assert.Equal(shreds ? "secret.shredded" : null, (await Write(world, world.Person())).Problem?.Code);
        Assert.Equal(shreds, (await ReadStatus.Handle(world.Person(), world.Store, world.Db, world.Clock, Ct)).Value.ShreddedAt is not null);
    }

    [Fact]
    public async Task No_value_stands_in_any_table_answer_record_or_exception()
    {
        await using var peer = new CredentialPeer(Value);
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var (secret, _, _) = await Furnish(world);
        await world.Jobs();
        var answers = new List<object?>
        {
            await world.Store.Get(world.Access, PenguinMails.Secrets.Store.SecretPath.Parse("mailboxes/m/smtp"), null, Ct), (await ListSecrets.One(world.Person(), secret, world.Db, Ct)).Value,
            (await ListAccesses.Handle(world.Person(), new(), world.Db, Ct)).Value, (await ListRotations.Handle(world.Person(), null, null, world.Db, Ct)).Value,
            new WriteSecret.Input("a", new Dictionary<string, string> { ["password"] = Value }, "why"), PenguinMails.Secrets.Store.SecretFields.Of(("password", Value)),
        };
        foreach (var answer in answers) Assert.DoesNotContain("v4lue", answer?.ToString() ?? "", StringComparison.Ordinal);
        foreach (var answer in answers.Where(answer => answer is not WriteSecret.Input)) Assert.DoesNotContain("v4lue", System.Text.Json.JsonSerializer.Serialize(answer is Result<PenguinMails.Secrets.Store.Secret> read ? read.Value : answer), StringComparison.Ordinal);
        foreach (var table in new[] { "secrets.secret", "secrets.secret_version", "secrets.tenant_key", "secrets.access", "secrets.rotation_run", "secrets.rotation_plan", "secrets.break_glass", "core.audit_entry", "core.job_detail" })
            Assert.True(await world.Count($"select count(*) from {table} t where tenant_id = $1 and position('v4lue' in t::text) > 0") == 0, table);
        Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes("v4lue")), await Text(world));
    }

    static async Task<string> Text(SecretsWorld world)
    {
        await using var tx = await world.Db.Begin(world.Tenant, Ct);
        return string.Concat(await tx.List("select v::text from secrets.secret_version v where tenant_id = $1", row => row.GetString(0), Ct, world.Tenant));
    }
}
