using System.Net;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Hosts;

namespace PenguinMails.Modules.Tests.Fleet.Servers;

/// <summary>The four hosts against listeners that speak their described contracts: one wish, one server, whatever happens to the answers.</summary>
public sealed class ServerHostTests
{
    public static readonly TheoryData<string> Kinds = [.. ServerHosts.Kinds];

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static ServerWish Wish(string kind) => kind switch
    {
        "hetzner" => new(Guid.CreateVersion7(), "mail.acme.test", "fsn1", "cx22", "ssh-ed25519 AAAA test"),
        "digitalocean" => new(Guid.CreateVersion7(), "mail.acme.test", "fra1", "s-1vcpu-1gb", "ssh-ed25519 AAAA test"),
        "vultr" => new(Guid.CreateVersion7(), "mail.acme.test", "ams", "vc2-1c-1gb", "ssh-ed25519 AAAA test"),
        _ => new(Guid.CreateVersion7(), "mail.acme.test", "2", "8", "ssh-ed25519 AAAA test"),
    };

    static async Task<HostedServer> Running(IServerHost host, string reference)
    {
        for (var look = 0; look < 5; look++)
        {
            var found = (await host.Find(reference, Ct)).Value;
            if (found is { State: HostedState.Running, Addresses.Count: > 0 }) return found;
        }

        throw new InvalidOperationException("It never ran.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Offers_come_cheapest_first_with_prices_rounded_up_and_without_what_a_mail_server_cannot_use(string kind)
    {
        await using var peer = HostPeer.Of(kind);
        using var host = peer.Open();
        var offers = (await host.Offers(Ct)).Value;
        // Hetzner: 3.9151 and 0.595 for the address are 4.5101, so 4.52. Hostwinds: 9.995 is 10.00.
        (string, long, string, int)[] expected = kind switch
        {
            "hetzner" => [("cx22", 452, "EUR", 4096), ("cx22", 536, "EUR", 4096), ("cpx31", 1619, "EUR", 8192)],
            "digitalocean" => [("s-1vcpu-1gb", 600, "USD", 1024), ("s-2vcpu-4gb", 2400, "USD", 4096)],
            "vultr" => [("vc2-1c-1gb", 500, "USD", 1024), ("vc2-2c-4gb", 2000, "USD", 4096)],
            _ => [("8", 499, "USD", 1024), ("9", 1000, "USD", 2048)],
        };
        Assert.Equal(expected, offers.Sizes.Select(size => (size.Id, size.Monthly.MinorUnits, size.Monthly.Currency.Code, size.MemoryMb)));
        Assert.All(offers.Sizes, size => Assert.NotEmpty(size.Regions));
        Assert.DoesNotContain(offers.Regions, region => region.Id == "nyc2");
        Assert.All(peer.Asked, asked => Assert.DoesNotContain(HostPeer.Token, asked.Split(' ')[1]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_wish_is_bought_once_waited_for_named_protected_pictured_and_destroyed_twice(string kind)
    {
        await using var peer = HostPeer.Of(kind);
        using var host = peer.Open();
        var wish = Wish(kind);
        var made = (await OrderOnce.Run(host, wish, Ct)).Value;
        Assert.Equal(HostedState.Building, made.State);
        var again = (await OrderOnce.Run(host, wish, Ct)).Value;
        Assert.Equal(made.Ref, again.Ref);
        var machine = Assert.Single(peer.Machines);
        Assert.Equal(wish.PublicKey, machine.Key);

        var running = await Running(host, made.Ref);
        Assert.Equal(machine.Ip, running.Addresses[0].ToString());
        if (kind == "hetzner") Assert.Equal("2001:db8:1:2::1", running.Addresses[1].ToString());
        for (var n = 0; n < 2; n++) Assert.Null((await host.Protect(made.Ref, Ct)).Problem);
        Assert.True(machine.IsProtected);
        if (kind != "hostwinds") Assert.Equal([22, 25, 80, 443, 465, 587, 993], peer.OpenPorts.Order());
        Assert.Null((await host.SetPtr(made.Ref, running.Addresses[0], "mail.acme.test", Ct)).Problem);
        Assert.Equal("mail.acme.test", machine.Ptr[machine.Ip]);
        Assert.NotEmpty((await host.Snapshot(made.Ref, "before", Ct)).Value);
        Assert.Equal(["before"], peer.Snapshots);

        for (var n = 0; n < 2; n++) Assert.Null((await host.Destroy(made.Ref, Ct)).Problem);
        Assert.Empty(peer.Machines);
        Assert.Equal(HostedState.Gone, (await host.Find(made.Ref, Ct)).Value.State);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_order_whose_answer_is_lost_is_found_again_and_not_given_twice(string kind)
    {
        foreach (var fault in new[] { "after_silence", "after_500", "after_garbage" })
        {
            await using var peer = HostPeer.Of(kind);
            using var host = peer.Open();
            peer.Faults.Enqueue(fault);
            var wish = Wish(kind);
            Assert.True((await OrderOnce.Run(host, wish, Ct)).IsOk, fault);
            Assert.True((await OrderOnce.Run(host, wish, Ct)).IsOk, fault);
            Assert.Single(peer.Machines);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_host_that_fails_before_it_takes_the_order_is_asked_again_by_the_next_run(string kind)
    {
        await using var peer = HostPeer.Of(kind);
        using var host = peer.Open();
        peer.Faults.Enqueue("before_500");
        peer.Faults.Enqueue("before_429");
        var wish = Wish(kind);
        var failed = (await OrderOnce.Run(host, wish, Ct)).Problem;
        Assert.Equal(("server.host_failed", ProblemKind.Unavailable), (failed?.Code, failed?.Kind));
        var busy = (await OrderOnce.Run(host, wish, Ct)).Problem;
        Assert.Equal(("server.host_busy", ProblemKind.Unavailable, 17), (busy?.Code, busy?.Kind, busy?.RetryAfterSeconds));
        Assert.Empty(peer.Machines);
        Assert.True((await OrderOnce.Run(host, wish, Ct)).IsOk);
        Assert.Single(peer.Machines);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_too_many_for_a_wish_is_given_back_and_others_are_left_alone(string kind)
    {
        await using var peer = HostPeer.Of(kind);
        using var host = peer.Open();
        var (wish, other) = (Wish(kind), Wish(kind));
        var kept = (await OrderOnce.Run(host, wish, Ct)).Value;
        Assert.True((await OrderOnce.Run(host, other, Ct)).IsOk);
        // The late arrival of an order that had been given up.
        var first = peer.Machines[0];
        peer.Machines.Add(new Machine { Id = 5000, Mark = first.Mark, Name = "late", Key = first.Key });
        Assert.Equal(kept.Ref, (await OrderOnce.Kept(host, wish.Id, Ct)).Value.Ref);
        Assert.Equal(2, peer.Machines.Count);
        Assert.DoesNotContain(peer.Machines, machine => machine.Name == "late");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_unknown_token_is_refused_and_stands_in_no_sentence(string kind)
    {
        await using var peer = HostPeer.Of(kind);
        using var host = peer.Open("another-token");
        var problem = (await host.Offers(Ct)).Problem;
        Assert.Equal("server.credential_refused", problem?.Code);
        Assert.DoesNotContain("another-token", problem?.Detail);
        Assert.Equal("server.credential_refused", (await OrderOnce.Run(host, Wish(kind), Ct)).Problem?.Code);
        Assert.Equal("server.credential_refused", (await host.Destroy("1", Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Digital_ocean_says_that_it_names_no_ipv6_address()
    {
        await using var peer = HostPeer.Of("digitalocean");
        using var host = peer.Open();
        Assert.Equal("server.ptr_unsupported", (await host.SetPtr("1", IPAddress.Parse("2001:db8::1"), "mail.acme.test", Ct)).Problem?.Code);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4.99", 499)]
    [InlineData("4.990001", 500)]
    [InlineData("9.995", 1000)]
    [InlineData("10", 1000)]
    public void Prices_are_rounded_up_to_the_cent(string amount, long cents) =>
        Assert.Equal(cents, Prices.Up(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), Currency.Eur).MinorUnits);

    [Fact]
    public void Every_host_says_what_it_does_with_port_25()
    {
        foreach (var kind in ServerHosts.Kinds) Assert.Contains(Port25Policy.Of(kind).Outbound, new[] { "open", "request", "never" });
        Assert.Equal("unknown", Port25Policy.Of("own").Outbound);
    }
}
