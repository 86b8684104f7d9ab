using PenguinMails.Core;
using PenguinMails.Fleet.Servers;
using PenguinMails.Modules.Tests.Fleet.Stacks;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>What is not connected, and what a connected mail server is not asked for.</summary>
public sealed class ConnectStackRefusalTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static ConnectStack.Input Input(StackPeer peer, string? url = null, string token = StackPeer.Token) => new("Ours", "mail.acme.test", url ?? peer.Root.AbsoluteUri, token, ["203.0.113.10"]);

    ServerWorld World()
    {
        var world = new ServerWorld(database);
        world.Reach = world.Reach with { Hosts = world.Reach.Hosts with { Timeout = StackPeer.Limit } };
        return world;
    }

    static Task<Result<PenguinMails.Fleet.Servers.Server>> Connect(ServerWorld world, StackPeer peer) => ConnectStack.Handle(world.Actor, Input(peer), world.Db, world.Reach, world.Clock, Ct);

    [Fact]
    public async Task What_cannot_be_connected_is_refused_and_leaves_nothing()
    {
        await using var peer = new MailuPeer();
        await using var other = new PenguinMails.Modules.Tests.Fleet.Dns.ApiPeer((_, _) => (200, "<html>A web page"));
        var world = World();
        async Task Refused(string code, ConnectStack.Input input, ServerReach? reach = null)
        {
            var problem = (await ConnectStack.Handle(world.Actor, input, world.Db, reach ?? world.Reach, world.Clock, Ct)).Problem;
            Assert.Equal(code, problem?.Code);
            Assert.DoesNotContain(input.Token, problem?.Detail);
        }

        await Refused("stack.credential_refused", Input(peer, token: "another-token"));
        await Refused("stack.unknown", Input(peer, $"http://127.0.0.1:{other.Port}/"));
        await Refused("stack.host_unreachable", Input(peer, "http://127.0.0.1:1/"));
        await Refused("stack.host_unreachable", Input(peer), world.Reach with { Outbound = Outbound.From(null) });
        await Refused("stack.host_unreachable", Input(peer, "https://127.0.0.1/"), world.Reach with { Outbound = Outbound.From(null) });
        await Refused("server.invalid", Input(peer, "http://192.0.43.7/"));
        foreach (var bad in new[] { "", "mail.acme.test", "ftp://mail.acme.test/", "https://me:secret@mail.acme.test/", "https://mail.acme.test/?a=b", "file:///etc/passwd" }) await Refused("server.invalid", Input(peer, bad));
        await Refused("server.token_invalid", Input(peer, token: "with space"));
        foreach (var bad in new string[][] { [], ["mail.acme.test"], ["203.0.113.1", "203.0.113.1"] }) await Refused("server.invalid", Input(peer) with { Addresses = bad });
        Assert.Equal("permission.missing", (await ConnectStack.Handle(world.Person(Permissions.ServersRead), Input(peer), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.Empty((await ListServers.Handle(world.Actor, null, null, world.Db, Ct)).Value.Items);

        Assert.True((await Connect(world, peer)).IsOk);
        await Refused("server.exists", Input(peer) with { HostName = "mail2.acme.test" });
    }

    [Fact]
    public async Task Verbs_that_need_a_way_in_are_refused()
    {
        await using var peer = new MailuPeer();
        var world = World();
        var server = (await Connect(world, peer)).Value;
        Assert.Equal("server.no_ssh", (await world.Reach.Open(world.Actor, server, "a test", world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("server.ptr_by_hand", (await SetServerPtr.Handle(world.Actor, server.Id, new(), world.Db, world.Reach, world.Clock, Ct)).Problem?.Code);
        Assert.False((await ConfirmHostKey.Handle(world.Actor, server.Id, new("SHA256:x"), world.Db, world.Reach, world.Clock, Ct)).IsOk);
    }
}
