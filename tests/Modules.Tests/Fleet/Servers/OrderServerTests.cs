using PenguinMails.Core;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>A server from the wish to the first log-in and to its end, at hosts that fail on the way and with workers that die on the way.</summary>
public sealed class OrderServerTests(TestDatabase database)
{
    public static readonly TheoryData<string> Kinds = [.. ServerHosts.Kinds];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    internal static OrderServer.Input Wish(string kind, string hostName = "mail.acme.test") => kind switch
    {
        "hetzner" => new(kind, "Main", hostName, "fsn1", "cx22"),
        "digitalocean" => new(kind, "Main", hostName, "fra1", "s-1vcpu-1gb"),
        "vultr" => new(kind, "Main", hostName, "ams", "vc2-1c-1gb"),
        _ => new(kind, "Main", hostName, "2", "8"),
    };

    static async Task<ServerWorld> Connected(TestDatabase database, HostPeer peer)
    {
        var world = new ServerWorld(database, peer);
        Assert.True((await ConnectServerHost.Handle(world.Actor, new(peer.Kind, HostPeer.Token), world.Db, world.Reach, world.Clock, Ct)).IsOk);
        Assert.True((await SetServerBudget.Handle(world.Actor, new(5, 100, peer.Kind == "hetzner" ? "EUR" : "USD"), world.Db, world.Clock, Ct)).IsOk);
        return world;
    }

    static async Task<Server> Order(ServerWorld world, HostPeer peer, SshServerProcess? machine = null, string hostName = "mail.acme.test")
    {
        var server = (await OrderServer.Handle(world.Actor, Wish(peer.Kind, hostName), world.Db, world.Reach, world.Clock, Ct)).Value;
        if (machine is null) return server;
        // The machine of the tests stands on another port and lets in whom the tests run as.
        await world.Do("update fleet.server set ssh_port = $3, ssh_user = $4 where tenant_id = $1 and id = $2", server.Id, machine.Port, Environment.UserName);
        machine.Authorise(server.SshPublicKey);
        peer.Ip = "127.0.0.1";
        return server;
    }

    static Task BringUp(ServerWorld world, ServerId id, int round, CancellationToken ct) => BringUpServer.Run(new(world.Workspace, id, round), world.Job(BringUpServer.Kind), ct);

    static async Task<Server> Until(ServerWorld world, ServerId id, ServerState state)
    {
        for (var round = 1; round <= 10; round++)
        {
            await BringUp(world, id, round, Ct);
            if (await world.Read(id) is var server && server.State == state) return server;
        }

        throw new InvalidOperationException($"It is {(await world.Read(id)).State}: {(await world.Read(id)).Problem}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_server_is_ordered_waited_for_let_in_and_destroyed(string kind)
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        await using var peer = HostPeer.Of(kind);
        peer.BuildsEach = 3;
        var world = await Connected(database, peer);
        var ordered = await Order(world, peer, machine);
        Assert.Equal((ServerState.Ordered, (string?)null), (ordered.State, ordered.HostRef));
        var ready = await Until(world, ordered.Id, ServerState.Ready);
        Assert.Equal(("127.0.0.1", "mail.acme.test"), (ready.Addresses[0].Ip, ready.Addresses[0].Ehlo));
        Assert.NotNull(ready.Fingerprint);
        Assert.True(Assert.Single(peer.Machines).IsProtected);
        var named = (await SetServerPtr.Handle(world.Actor, ready.Id, new(), world.Db, world.Reach, world.Clock, Ct)).Value;
        Assert.Equal("mail.acme.test", peer.Machines[0].Ptr["127.0.0.1"]);
        Assert.Equal("mail.acme.test", named.Addresses[0].Ehlo);

        Assert.Equal("server.confirm_destroy", (await world.Destroy(ready.Id, null)).Problem?.Code);
        Assert.Equal(ServerState.Destroying, (await world.Destroy(ready.Id, "mail.acme.test")).Value.State);
        Assert.Equal(ServerState.Destroyed, (await world.TakeDown(ready.Id)).State);
        Assert.Empty(peer.Machines);
        Assert.All(await Audit.Newest(world.Db, world.Tenant, null, 200, Ct), entry => Assert.DoesNotContain(HostPeer.Token, entry.Detail));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_worker_that_dies_at_any_request_leaves_one_server_that_the_next_brings_up(string kind)
    {
        await using var machine = await SshServerProcess.Start(Ct, hasHome: true);
        await using var peer = HostPeer.Of(kind);
        // One host goes all the way; with the others the order itself is what matters.
        var end = kind == "hetzner" ? ServerState.Ready : ServerState.Booting;
        peer.BuildsEach = end == ServerState.Ready ? 0 : 1000;
        var world = await Connected(database, peer);
        for (var deadAt = 1; deadAt <= 9; deadAt++)
        {
            var before = peer.Machines.Count;
            var server = await Order(world, peer, machine, $"m{deadAt}.acme.test");
            await Killed(world, peer, server.Id, deadAt);
            await Until(world, server.Id, end);
            Assert.Equal(before + 1, peer.Machines.Count);
            await world.Do("update fleet.server set state = 'destroyed' where tenant_id = $1 and id = $2", server.Id);
        }
    }

    // The program ends while the host works on its nth request, or as soon as it has answered.
    static async Task Killed(ServerWorld world, HostPeer peer, ServerId id, int requests)
    {
        var asked = peer.Asked.Count;
        using var power = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var run = BringUp(world, id, 1, power.Token);
        while (!run.IsCompleted && peer.Asked.Count < asked + requests) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        await power.CancelAsync();
        try
        {
            await run;
        }
        catch (OperationCanceledException)
        {
            // Dead.
        }
    }

    [Fact]
    public async Task A_host_that_fails_for_a_while_is_waited_for_as_long_as_it_asks()
    {
        await using var peer = HostPeer.Of("hetzner");
        var world = await Connected(database, peer);
        var server = await Order(world, peer);
        foreach (var fault in new[] { "before_429", "before_500", "after_silence" }) peer.Faults.Enqueue(fault);
        await BringUp(world, server.Id, 1, Ct);
        Assert.Contains("asks to wait", (await world.Read(server.Id)).Problem);
        await using (var tx = await world.Db.Begin(world.Tenant, Ct))
        {
            var due = await tx.One("select max(due_at) from core.job where tenant_id = $1 and kind = $2", row => row.GetFieldValue<DateTimeOffset>(0), Ct, world.Tenant, BringUpServer.Kind);
            Assert.Equal(world.Clock.GetUtcNow().AddSeconds(17), due);
        }

        await BringUp(world, server.Id, 2, Ct);
        Assert.Equal(ServerState.Ordered, (await world.Read(server.Id)).State);
        await BringUp(world, server.Id, 3, Ct);
        Assert.Equal(ServerState.Booting, (await world.Read(server.Id)).State);
        Assert.Single(peer.Machines);
    }

    [Fact]
    public async Task An_order_that_cannot_be_is_failed_with_a_way_out_and_destroying_it_looks_for_leftovers()
    {
        await using var peer = HostPeer.Of("hetzner");
        var world = await Connected(database, peer);
        var server = await Order(world, peer);
        peer.Faults.Enqueue("before_500");
        await BringUp(world, server.Id, BringUpServer.RoundsMax, Ct);
        var failed = await world.Read(server.Id);
        Assert.Equal(ServerState.Failed, failed.State);
        Assert.Contains("Destroy the server", failed.Problem);
        await world.Destroy(server.Id, "mail.acme.test");
        Assert.Equal(ServerState.Destroying, (await world.TakeDown(server.Id, 1)).State);
        // The order had been taken after all, and shows only now.
        peer.Machines.Add(new Machine { Id = 4000, Mark = Mark(peer), Name = "late", Key = "k" });
        Assert.Equal(ServerState.Destroying, (await world.TakeDown(server.Id, 2)).State);
        Assert.Empty(peer.Machines);
        Assert.Equal(ServerState.Destroyed, (await world.TakeDown(server.Id, 3)).State);
    }

    static string Mark(HostPeer peer) => peer.Asked.Last(asked => asked.Contains("label_selector", StringComparison.Ordinal)).Split("%3D")[1].Split('&')[0];

    [Fact]
    public async Task A_server_given_up_while_it_is_being_ordered_is_not_kept()
    {
        await using var peer = HostPeer.Of("vultr");
        var world = await Connected(database, peer);
        var server = await Order(world, peer);
        // Once the host has the order, and before or after its id is noted, the person destroys the server.
        var run = BringUp(world, server.Id, 1, Ct);
        while (!run.IsCompleted && !peer.Asked.Any(asked => asked.StartsWith("POST /instances", StringComparison.Ordinal))) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        await world.Destroy(server.Id, "mail.acme.test");
        await run;
        for (var round = 1; round <= 4; round++) await world.TakeDown(server.Id, round);
        Assert.Empty(peer.Machines);
        Assert.Equal(ServerState.Destroyed, (await world.Read(server.Id)).State);
    }
}
