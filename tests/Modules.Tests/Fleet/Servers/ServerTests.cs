using PenguinMails.Core;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A machine of one's own: added, let in, pinned, looked at again, changed, let go. Against a real sshd.</summary>
public sealed class ServerTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_machine_is_ready_once_its_key_is_on_it_and_shows_what_it_is()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var world = new ServerWorld(database);
        var added = (await AddServer.Handle(world.Actor, world.Own(machine), world.Db, world.Reach, world.Clock, Ct)).Value;
        Assert.Contains(added.PublicKey, added.Command);
        var early = await world.Check(added.Id);
        Assert.Equal((ServerState.Booting, (string?)null), (early.State, early.HostKey));
        Assert.Contains("authorized_keys", early.Problem);
        Assert.Contains(added.PublicKey.Split(' ')[1], early.Problem);

        // As the person does it: the command that is shown, run by a shell on the machine.
        File.AppendAllLines(machine.PathOf(".ssh/authorized_keys"), [added.PublicKey]);
        var ready = await world.Check(added.Id);
        Assert.Equal((ServerState.Ready, ""), (ready.State, ready.Problem));
        Assert.Contains($" {ready.Fingerprint} ", await machine.Keygen(Ct, "-l", "-f", machine.PathOf("host.pub")));
        var facts = ready.Facts!;
        Assert.Equal(("debian", (bool?)null), (facts.Os, facts.CanPort25Out));
        Assert.True(int.Parse(facts.Version) >= 12 && facts.Cores >= 1 && facts.MemoryMb > 500 && facts.DiskFreeMb > 0);
        await using var session = (await world.Reach.Open(world.Actor, ready, "a test", world.Db, world.Clock, Ct)).Value;
        Assert.Equal(ready.HostKey, session.HostKey);
        Assert.Equal(["server.added", "server.ready"], await world.Audited());
        Assert.Equal("mail.acme.test", Assert.Single((await ListServers.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items).HostName);
    }

    [Fact]
    public async Task Port_25_is_tried_against_the_given_probe_and_unknown_without_one()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        world.Reach = world.Reach with { Hosts = world.Reach.Hosts with { Probe = $"127.0.0.1:{machine.Port}" } };
        Assert.True((await world.Check(server.Id)).Facts!.CanPort25Out);
        world.Reach = world.Reach with { Hosts = world.Reach.Hosts with { Probe = "127.0.0.1:1" } };
        Assert.False((await world.Check(server.Id)).Facts!.CanPort25Out);
    }

    [Fact]
    public async Task Another_host_key_stops_everything_until_a_person_confirms_exactly_that_one()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        await machine.Reinstall(Ct);
        // Whoever comes first sees it, here a verb that is not the check.
        Assert.Equal("ssh.host_key_changed", (await world.Reach.Open(world.Actor, server, "a test", world.Db, world.Clock, Ct)).Problem?.Code);
        var changed = await world.Read(server.Id);
        Assert.Equal(ServerState.Changed, changed.State);
        Assert.Equal("ssh.host_key_changed", (await world.Reach.Open(world.Actor, changed, "a test", world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("server.host_key_unknown", (await Confirm("SHA256:x")).Problem?.Code);

        changed = await world.Check(server.Id);
        Assert.Equal((ServerState.Changed, server.Fingerprint), (changed.State, changed.Fingerprint));
        Assert.NotEqual(changed.Fingerprint, changed.FingerprintOffered);
        Assert.Contains(changed.Fingerprint!, changed.Problem);
        Assert.Contains(changed.FingerprintOffered!, changed.Problem);
        var other = (await Confirm(changed.Fingerprint!)).Problem;
        Assert.Equal("server.host_key_other", other?.Code);
        Assert.Contains(changed.FingerprintOffered!, other?.Detail);
        var ready = (await Confirm(changed.FingerprintOffered!)).Value;
        Assert.Equal((ServerState.Ready, changed.FingerprintOffered, (string?)null), (ready.State, ready.Fingerprint, ready.FingerprintOffered));
        Assert.Contains("server.host_key_confirmed", await world.Audited());

        Task<Result<Server>> Confirm(string fingerprint) => ConfirmHostKey.Handle(world.Actor, server.Id, new(fingerprint), world.Db, world.Reach, world.Clock, Ct);
    }

    [Fact]
    public async Task A_machine_that_falls_silent_is_unreachable_and_comes_back_by_itself()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        await machine.Stop();
        Assert.Equal(ServerState.Unreachable, (await world.Check(server.Id)).State);
        await RecheckServer.Run(new(world.Workspace, server.Id, 1), world.Job(RecheckServer.Kind), Ct);
        Assert.Equal(ServerState.Unreachable, (await world.Read(server.Id)).State);
        await machine.Resume(Ct);
        await RecheckServer.Run(new(world.Workspace, server.Id, 2), world.Job(RecheckServer.Kind), Ct);
        Assert.Equal(ServerState.Ready, (await world.Read(server.Id)).State);
        // Looked at a moment ago: left alone.
        await machine.Stop();
        await RecheckServer.Run(new(world.Workspace, server.Id, 3), world.Job(RecheckServer.Kind), Ct);
        Assert.Equal(ServerState.Ready, (await world.Read(server.Id)).State);
        world.Clock.Advance(TimeSpan.FromHours(1));
        await RecheckServer.Run(new(world.Workspace, server.Id, 4), world.Job(RecheckServer.Kind), Ct);
        Assert.Equal(ServerState.Unreachable, (await world.Read(server.Id)).State);
    }

    [Fact]
    public async Task Letting_a_machine_go_asks_twice_takes_our_key_off_and_frees_the_name()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        var asked = (await world.Destroy(server.Id, null)).Problem;
        Assert.Equal(("server.confirm_destroy", ProblemKind.Conflict), (asked?.Code, asked?.Kind));
        Assert.Contains("mail.acme.test as confirm", asked?.Detail);
        Assert.Equal("server.confirm_destroy", (await world.Destroy(server.Id, "Mail.acme.test")).Problem?.Code);
        Assert.Equal(ServerState.Ready, (await world.Read(server.Id)).State);
        Assert.Equal(ServerState.Destroying, (await world.Destroy(server.Id, "mail.acme.test")).Value.State);
        for (var n = 0; n < 2; n++) Assert.Equal(ServerState.Destroyed, (await world.TakeDown(server.Id)).State);
        Assert.Equal([machine.Key.PublicLine], machine.Authorised);
        Assert.Equal("secret.not_found", (await world.Reach.Store.Get(new SecretAccess(world.Actor, "a test", "test"), Server.KeyPath(server.Id), null, Ct)).Problem?.Code);
        Assert.Empty((await ListServers.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items);
        Assert.True((await AddServer.Handle(world.Actor, world.Own(machine), world.Db, world.Reach, world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task A_machine_that_carries_a_mailbox_is_not_let_go_unless_told()
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        var world = new ServerWorld(database);
        var server = await world.Ready(machine);
        await world.Do("""
            insert into fleet.mailbox (tenant_id, id, workspace_id, address, display_name, smtp_host, smtp_port, smtp_security, smtp_user, daily_cap, gap_seconds, created_at)
            values ($1, $2, $3, $4, 'Sam', 'Mail.Acme.test', 587, 'starttls', 'sam', 30, 120, $5)
            """, Guid.CreateVersion7(), world.Workspace, $"sam@{world.Tenant.Value:N}.test", world.Clock.GetUtcNow());
        Assert.Contains("sam@", (await world.Destroy(server.Id, null)).Problem?.Detail);
        var refused = (await world.Destroy(server.Id, "mail.acme.test")).Problem;
        Assert.Equal("server.in_use", refused?.Code);
        Assert.Equal(ServerState.Destroying, (await world.Destroy(server.Id, "mail.acme.test", alsoUsed: true)).Value.State);
    }

    [Fact]
    public async Task Each_refusal_of_adding_has_its_code_and_field()
    {
        var world = new ServerWorld(database);
        async Task<Problem?> Add(AddServer.Input input) => (await AddServer.Handle(world.Actor, input, world.Db, world.Reach, world.Clock, Ct)).Problem;
        var good = new AddServer.Input("Main", "mail.acme.test", "192.0.2.1");
        Assert.Equal("name", (await Add(good with { Name = " " }))?.Fields[0].Field);
        Assert.Equal("host_name", (await Add(good with { HostName = "mail" }))?.Fields[0].Field);
        Assert.Equal("address", (await Add(good with { Address = "-oProxyCommand=x" }))?.Fields[0].Field);
        Assert.Equal("port", (await Add(good with { Port = 65536 }))?.Fields[0].Field);
        Assert.Equal("user", (await Add(good with { User = "-l root" }))?.Fields[0].Field);
        Assert.Null(await Add(good with { HostName = "MAIL.acme.test." }));
        Assert.Equal("server.exists", (await Add(good))?.Code);
        for (var n = 2; n <= 5; n++) Assert.Null(await Add(good with { HostName = $"m{n}.acme.test" }));
        Assert.Equal("server.too_many", (await Add(good with { HostName = "m6.acme.test" }))?.Code);
    }

    [Fact]
    public async Task Reading_needs_one_permission_and_everything_else_the_other()
    {
        var world = new ServerWorld(database);
        var reader = world.Person(Permissions.ServersRead);
        Assert.True((await ListServers.Handle(reader, null, null, world.Db, Ct)).IsOk);
        Assert.True((await SetServerBudget.Look(reader, world.Db, Ct)).IsOk);
        Assert.True((await ListOffers.Hosts(reader, world.Db, Ct)).IsOk);
        var id = new ServerId(Guid.CreateVersion7());
        Problem?[] refused =
        [
            (await ListServers.Handle(world.Person(), null, null, world.Db, Ct)).Problem,
            (await AddServer.Handle(reader, new("a", "b.test", "192.0.2.1"), world.Db, world.Reach, world.Clock, Ct)).Problem,
            (await OrderServer.Handle(reader, new("hetzner", "a", "b.test", "x", "y"), world.Db, world.Reach, world.Clock, Ct)).Problem,
            (await CheckServer.Handle(reader, id, world.Db, world.Reach, world.Clock, Ct)).Problem,
            (await ConfirmHostKey.Handle(reader, id, new("x"), world.Db, world.Reach, world.Clock, Ct)).Problem,
            (await SetServerPtr.Handle(reader, id, new(), world.Db, world.Reach, world.Clock, Ct)).Problem,
            (await DestroyServer.Handle(reader, id, new(), world.Db, world.Clock, Ct)).Problem,
            (await ListOffers.Handle(reader, "hetzner", world.Db, world.Reach, Ct)).Problem,
            (await ConnectServerHost.Handle(reader, new("hetzner", "x"), world.Db, world.Reach, world.Clock, Ct)).Problem,
            (await SetServerBudget.Handle(reader, new(1, 1, "EUR"), world.Db, world.Clock, Ct)).Problem,
        ];
        Assert.All(refused, problem => Assert.Equal("permission.missing", problem?.Code));
    }
}
