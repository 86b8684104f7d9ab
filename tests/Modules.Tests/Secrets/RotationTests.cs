using PenguinMails.Core;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Secrets;

/// <summary>A secret changes at a real peer: both valid meanwhile, the old one gone only when the new one works, and every way back.</summary>
[Collection(nameof(SecretsWorld))]
public sealed partial class RotationTests(TestDatabase database, ITestOutputHelper output)
{
    static readonly SecretPath Path = SecretPath.Parse("peers/one");
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    sealed class Killed : Exception;

    static async Task<SecretId> Plan(SecretsWorld world, string kind = RotationKinds.ApiKey, int? days = null)
    {
        var written = await WriteSecret.Handle(world.Person(), new(Path.Text, new Dictionary<string, string> { ["password"] = "first" }, "set up", 0), "test", world.Store, world.Db, world.Clock, Ct);
        Assert.True((await PlanRotation.Handle(world.Person(), written.Value.Id, new(kind, days), world.Db, world.Clock, Ct)).IsOk);
        return written.Value.Id;
    }

    static async Task<RotationId> Start(SecretsWorld world, SecretId id) => (await StartRotation.Handle(world.Person(), id, new("a drill"), world.Rotators, world.Db, world.Clock, Ct)).Value.Id;

    static async Task<SecretEntry> Entry(SecretsWorld world, SecretId id) => (await ListSecrets.One(world.Person(), id, world.Db, Ct)).Value.Secret;

    static async Task<string?> Current(SecretsWorld world) => (await world.Store.Get(world.Access, Path, null, Ct)).Value.Fields["password"];

    [Fact]
    public async Task Old_and_new_are_both_valid_until_the_overlap_is_over()
    {
        await using var peer = new CredentialPeer("first");
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var id = await Plan(world);
        await Start(world, id);
        await world.Jobs();
        Assert.Equal((RotationState.Promoted, "first+"), ((await Entry(world, id)).Rotation, await Current(world)));
        Assert.Equal(["first", "first+"], peer.Passwords);
        world.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        await world.Jobs();
        Assert.Equal(["first", "first+"], peer.Passwords);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.Jobs();
        Assert.Equal(RotationState.Done, (await Entry(world, id)).Rotation);
        Assert.Equal(["first+"], peer.Passwords);
        Assert.Equal("secret.destroyed", (await world.Store.Get(world.Access, Path, 1, Ct)).Problem?.Code);
        Assert.Equal(["rotation.done", "rotation.installed", "rotation.made", "rotation.promoted", "rotation.retired", "rotation.started", "rotation.verified"],
            (await world.Chain()).Select(entry => entry.Action).Where(action => action.StartsWith("rotation.", StringComparison.Ordinal) && action != "rotation.planned").Order());
    }

    [Fact]
    public async Task A_new_value_that_does_not_work_is_rolled_back_and_tried_again_a_day_later()
    {
        await using var peer = new CredentialPeer("first") { RefusesNew = true };
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var id = await Plan(world, days: 10);
        world.Clock.Advance(TimeSpan.FromDays(10));
        await world.Jobs();
        var entry = await Entry(world, id);
        Assert.Equal((RotationState.RolledBack, "peer.refused", "first"), (entry.Rotation, entry.FailureCode, await Current(world)));
        Assert.Equal(["first"], peer.Passwords);
        Assert.Equal(world.Clock.GetUtcNow().AddDays(1), entry.DueAt);
        peer.RefusesNew = false;
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Jobs();
        Assert.Equal(RotationState.Promoted, (await Entry(world, id)).Rotation);
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Jobs();
        Assert.Equal(world.Clock.GetUtcNow().AddDays(10), (await Entry(world, id)).DueAt);
    }

    [Fact]
    public async Task A_new_value_that_stops_working_during_the_overlap_gives_way_to_the_old_one()
    {
        await using var peer = new CredentialPeer("first");
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var id = await Plan(world);
        await Start(world, id);
        await world.Jobs();
        peer.RefusesNew = true;
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Jobs();
        var entry = await Entry(world, id);
        Assert.Equal((RotationState.RolledBack, "first", 3), (entry.Rotation, await Current(world), entry.CurrentVersion));
        Assert.Equal(["first"], peer.Passwords);
    }

    [Fact]
    public async Task A_peer_that_forgets_nothing_leaves_the_run_to_a_person_who_lets_it_go_on()
    {
        await using var peer = new CredentialPeer("first") { KeepsOld = true };
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var id = await Plan(world);
        var run = await Start(world, id);
        await Settle(world, id);
        var entry = await Entry(world, id);
        Assert.Equal((RotationState.Stuck, "first+"), (entry.Rotation, await Current(world)));
        Assert.Equal("rotation.running", (await StartRotation.Handle(world.Person(), id, new("again"), world.Rotators, world.Db, world.Clock, Ct)).Problem?.Code);
        peer.KeepsOld = false;
        Assert.True((await ResumeRotation.Handle(world.Person(), run, new(), world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("rotation.not_stuck", (await ResumeRotation.Handle(world.Person(), run, new(), world.Db, world.Clock, Ct)).Problem?.Code);
        await Settle(world, id);
        Assert.Equal(RotationState.Done, (await Entry(world, id)).Rotation);
        Assert.Equal(["first+"], peer.Passwords);
    }

    [Fact]
    public async Task Somebody_who_writes_meanwhile_wins()
    {
        await using var peer = new CredentialPeer("first");
        await using var world = new SecretsWorld(database, null, null, peer.Rotator(() => { }));
        var id = await Plan(world);
        await Start(world, id);
        await WriteSecret.Handle(world.Person(), new(Path.Text, new Dictionary<string, string> { ["password"] = "by hand" }, "changed by hand"), "test", world.Store, world.Db, world.Clock, Ct);
        await world.Jobs();
        Assert.Equal((RotationState.RolledBack, "rotation.changed_meanwhile"), ((await Entry(world, id)).Rotation, (await Entry(world, id)).FailureCode));
        Assert.Equal("by hand", await Current(world));
        Assert.Equal(["first"], peer.Passwords);
    }

    [Theory]
    [InlineData("works", 17)]
    [InlineData("is refused", 11)]
    [InlineData("is refused later", 17)]
    public async Task Killed_at_any_point_and_resumed_a_rotation_ends_as_if_nothing_had_happened(string newValue, int pointsMin)
    {
        var (points, refuses) = (0, newValue != "works");
        for (var kill = 1; ; kill++)
        {
            var (left, killed) = (kill, false);
            void Point()
            {
                if (--left != 0) return;
                killed = true;
                throw new Killed();
            }

            await using var peer = new CredentialPeer("first") { RefusesNew = newValue == "is refused", RefusesSecondTry = newValue == "is refused later" };
            await using var world = new SecretsWorld(database, null, null, peer.Rotator(Point));
            await using var pointed = new SecretsWorld(database, null, store => new PointedStore(store, Point), peer.Rotator(Point));
            var id = await Plan(world);
            await Start(world, id);
            await Settle(world, id, pointed);
            var entry = await Entry(world, id);
            var word = refuses ? "first" : "first+";
            Assert.True(entry.Rotation == (refuses ? RotationState.RolledBack : RotationState.Done), $"killed at {kill}: {entry.Rotation} {entry.FailureCode}");
            Assert.Equal(word, await Current(world));
            if (newValue != "is refused later") Assert.Equal(refuses ? 1 : 2, entry.CurrentVersion);
            Assert.Equal([word], peer.Passwords);
            Assert.Equal(0, await world.Count("select count(*) from secrets.secret where tenant_id = $1 and starts_with(path, 'rotation/')"));
            Assert.Null((await Audit.Verify(world.Db, world.Tenant, Ct)).BrokenAt);
            if (!killed) break;
            points++;
        }

        output.WriteLine($"{points} points");
        Assert.True(points >= pointsMin, $"{points} points");
    }

    // Time goes on, and a worker takes what is due, until the run is over or waits for a person.
    static async Task Settle(SecretsWorld world, SecretId id, SecretsWorld? worker = null)
    {
        for (var round = 0; round < 60; round++)
        {
            await (worker ?? world).Jobs();
            if ((await Entry(world, id)).Rotation is RotationState.Done or RotationState.RolledBack or RotationState.Stuck) return;
            world.Clock.Advance(TimeSpan.FromHours(2));
            worker?.Clock.Advance(TimeSpan.FromHours(2));
        }
    }
}
