using PenguinMails.Fleet.Dns;
using PenguinMails.Mail.Dns;
using static PenguinMails.Modules.Tests.Fleet.ServerMigrations.MigrationWorld;

namespace PenguinMails.Modules.Tests.Fleet.ServerMigrations;

/// <summary>What DNS plans hold while a server is left, and after.</summary>
public sealed class ServerMigrationDnsTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DNS_lets_both_send_while_they_carry_it_and_then_forgets_the_old_one_and_its_keys()
    {
        await using var world = World(database);
        var (old, next, domain) = await Two(database, world);
        var tools = Tools(database, world);
        await ConnectDnsHost.Handle(world.Actor, domain, new("by_hand", world.Name), world.Db, tools.Dns, world.Clock, Ct);
        var id = await Begin(world, old, next);
        var both = await Plan(world, tools, domain);
        Assert.Equal(["v=spf1 ip4:198.51.100.7 ip4:198.51.100.8 ~all"], Item(both, "spf").After);
        Assert.Equal([$"mail.{world.Name}", $"mail2.{world.Name}"], both.Items.Where(item => item.Purpose == "address").Select(item => item.Name).Order());
        Assert.Equal([$"10 mail.{world.Name}"], Item(both, "mx").After);

        world.Publish(world.Name, DnsType.Txt, "v=spf1 ip4:198.51.100.7 include:spf.provider.test ip4:198.51.100.8 -all");
        world.Publish("spf.provider.test", DnsType.Txt, "v=spf1 ip4:192.0.2.9 -all");
        world.Publish($"mail.{world.Name}", DnsType.A, "198.51.100.7", "203.0.113.5");
        var (key, waiting) = (Item(both, "dkim"), Item(both, "dkim_next"));
        world.Publish(key.Name, DnsType.Txt, key.After[0]);
        world.Publish(waiting.Name, DnsType.Txt, waiting.After[0]);
        await Switch(world, tools, domain, next, id);

        var after = await Plan(world, tools, domain);
        Assert.Equal(["v=spf1 include:spf.provider.test ip4:198.51.100.8 -all"], Item(after, "spf").After);
        Assert.Equal([$"10 mail2.{world.Name}"], Item(after, "mx").After);
        var gone = Item(after, "address_gone");
        Assert.Equal(("change", $"mail.{world.Name}"), (gone.Action, gone.Name));
        Assert.Equal(["203.0.113.5"], gone.After); // Somebody else's record of the same name stays.
        var revoked = Item(after, "dkim_revoked");
        Assert.Equal(("remove", key.Name, 0), (revoked.Action, revoked.Name, revoked.After.Count));
        Assert.Equal((waiting.Name, "leave"), (Item(after, "dkim").Name, Item(after, "dkim").Action));
        Assert.DoesNotContain(Item(after, "dkim_next").Name, new[] { key.Name, waiting.Name });
    }
}
