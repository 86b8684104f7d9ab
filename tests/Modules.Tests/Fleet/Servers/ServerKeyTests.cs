using PenguinMails.Core;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A machine's SSH key changes: both let in meanwhile, each step twice as once, other people's lines left alone.</summary>
public sealed class ServerKeyTests(TestDatabase database)
{
    const string Foreign = "from=\"192.0.2.0/24\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFgsVP0IAZq7rOaEsGLv0hJXLVA8XA6PBGSZTSUCf1tv someone's laptop";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static async Task Twice(Func<RotationCall, CancellationToken, Task<Result<Done>>> step, RotationCall call)
    {
        for (var n = 0; n < 2; n++) Assert.Null((await step(call, Ct)).Problem);
    }

    [Fact]
    public async Task Old_and_new_are_both_let_in_until_the_old_one_is_retired()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var (world, server, rotator, call) = await Begin(machine);
        var old = machine.Authorised;
        await Twice(rotator.Install, call);
        Assert.Equal(old.Length + 1, machine.Authorised.Length);
        await Twice(rotator.Verify, call);
        Assert.NotEqual(ServerReach.PrivateKey(call.Old), ServerReach.PrivateKey(call.New));
        await Twice(rotator.Retire, call);
        var line = SshKeyPair.PublicLineOf(ServerReach.PrivateKey(call.New));
        Assert.Equal([machine.Key.PublicLine, Foreign, $"{line} penguinmails-{server.Id}"], machine.Authorised);
        Assert.Equal(machine.Authorised[^1], (await world.Read(server.Id)).SshPublicKey);
        Assert.Equal("ssh.key_refused", (await rotator.Install(call, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_rotation_that_goes_back_leaves_the_file_as_it_was()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var (world, server, rotator, call) = await Begin(machine);
        var before = machine.Authorised;
        await Twice(rotator.Withdraw, call); // Also where the new one never got there.
        await Twice(rotator.Install, call);
        await Twice(rotator.Withdraw, call);
        Assert.Equal(before, machine.Authorised);
        Assert.Equal("ssh.key_refused", (await rotator.Verify(call, Ct)).Problem?.Code);
        Assert.Equal(server.SshPublicKey, (await world.Read(server.Id)).SshPublicKey);
    }

    [Fact]
    public async Task Keys_of_other_things_and_of_machines_that_changed_are_not_touched()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var (_, _, rotator, call) = await Begin(machine);
        Assert.Equal("server.key_foreign", (await rotator.Make(SecretPath.Parse("laptops/one"), call.Old, Ct)).Problem?.Code);
        Assert.Equal("server.key_foreign", (await rotator.Install(call with { Path = SecretPath.Parse($"servers/{new ServerId(Guid.CreateVersion7())}/ssh") }, Ct)).Problem?.Code);
        await machine.Reinstall(Ct);
        var before = machine.Authorised;
        Assert.Equal("ssh.host_key_changed", (await rotator.Install(call, Ct)).Problem?.Code);
        Assert.Equal(before, machine.Authorised);
    }

    async Task<(ServerWorld, Server, Rotator, RotationCall)> Begin(SshServerProcess machine)
    {
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        machine.Authorise(machine.Key.PublicLine, Foreign, server.SshPublicKey);
        var path = Server.KeyPath(server.Id);
        var stored = (await world.Reach.Store.Get(new SecretAccess(world.Actor, "a test", "test"), path, null, Ct)).Value;
        var rotator = new RotateSshKey(world.Reach, world.Db, world.Clock).Rotator;
        return (world, server, rotator, new RotationCall(world.Tenant, path, stored.Fields, (await rotator.Make(path, stored.Fields, Ct)).Value));
    }
}
