using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes.Aliases;

namespace PenguinMails.Modules.Tests.Fleet.Hosted;

public sealed class AliasTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static Task<Result<Alias>> Add(HostedWorld world, string local, params string[] targets) => AddAlias.Handle(world.Actor, world.Domain, new(local, targets), world.Db, world.Clock, Ct);

    [Fact]
    public async Task An_alias_reaches_the_machine_changes_and_goes()
    {
        await using var world = await HostedWorld.Create(database);
        await world.Mailbox("sam");
        var before = await world.Digest();
        var added = (await Add(world, " Sales ", $"sam@{world.Name}", "Team@Partner.test", "team@partner.test")).Value;
        Assert.Equal(($"sales@{world.Name}", 2), (added.Address, added.Targets.Count));
        var alias = Assert.Single((await world.Plan()).Aliases);
        Assert.Equal([$"sam@{world.Name}", "team@partner.test"], alias.Targets);
        Assert.NotEqual(before, await world.Digest());
        Assert.Equal(1, await world.Orders());

        await ChangeAlias.Handle(world.Actor, added.Id, new([$"sam@{world.Name}"]), world.Db, world.Clock, Ct);
        Assert.Equal([$"sam@{world.Name}"], Assert.Single((await world.Plan()).Aliases).Targets);
        Assert.Equal(added.Address, Assert.Single((await ListAliases.Handle(world.Actor, world.Domain, null, null, world.Db, Ct)).Value.Items).Address);
        Assert.True((await RemoveAlias.Handle(world.Actor, added.Id, world.Db, world.Clock, Ct)).IsOk);
        Assert.Empty((await world.Plan()).Aliases);
        Assert.Equal(before, await world.Digest());
        Assert.Equal(["alias.removed", "alias.changed", "alias.added"], (await world.Fleet.Audited()).Take(3));
    }

    [Theory]
    [InlineData("", "a@b.test", "alias.invalid")]
    [InlineData("two words", "a@b.test", "alias.invalid")]
    [InlineData("plus+tag", "a@b.test", "alias.invalid")]
    [InlineData(".dot", "a@b.test", "alias.invalid")]
    [InlineData("sales", "", "alias.invalid")]
    [InlineData("sales", "nobody", "alias.invalid")]
    [InlineData("sales", "\"odd one\"@b.test", "alias.invalid")]
    [InlineData("sales", "|cat@b.test", "alias.invalid")]
    [InlineData("sales", "tag+x@b.test", null)]
    public async Task What_the_machine_would_not_understand_is_refused(string local, string target, string? code)
    {
        await using var world = await HostedWorld.Create(database);
        Assert.Equal(code, (await Add(world, local, target)).Problem?.Code);
        await world.Plan();
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(100, null)]
    [InlineData(101, "alias.invalid")]
    public async Task It_leads_to_1_to_100_addresses(int count, string? code)
    {
        await using var world = await HostedWorld.Create(database);
        Assert.Equal(code, (await Add(world, "all", [.. Enumerable.Range(0, count).Select(i => $"p{i}@partner.test")])).Problem?.Code);
        await world.Plan();
    }

    [Fact]
    public async Task Mail_never_goes_round()
    {
        await using var world = await HostedWorld.Create(database);
        Assert.Equal("alias.loop", (await Add(world, "a", $"A@{world.Name}")).Problem?.Code);
        await Add(world, "a", $"b@{world.Name}", "x@partner.test");
        await Add(world, "b", $"c@{world.Name}");
        Assert.Equal("alias.loop", (await Add(world, "c", $"a@{world.Name}")).Problem?.Code);
        var c = (await Add(world, "c", "y@partner.test")).Value;
        Assert.Equal("alias.loop", (await ChangeAlias.Handle(world.Actor, c.Id, new([$"a@{world.Name}"]), world.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task An_address_is_a_mailbox_or_an_alias_and_never_both()
    {
        await using var world = await HostedWorld.Create(database);
        await world.Mailbox("sam");
        Assert.Equal("alias.address_taken", (await Add(world, "sam", "a@b.test")).Problem?.Code);
        await Add(world, "sales", "a@b.test");
        Assert.Equal("alias.exists", (await Add(world, "sales", "c@d.test")).Problem?.Code);
        Assert.Equal("mailbox.is_alias", (await world.Mailbox("SALES")).Problem?.Code);
        await world.Plan();
    }

    [Fact]
    public async Task Two_at_once_for_one_address_leave_one()
    {
        await using var world = await HostedWorld.Create(database);
        var (mailbox, alias) = (world.Mailbox("sam"), Add(world, "sam", "a@b.test"));
        var codes = new[] { (await mailbox).Problem?.Code, (await alias).Problem?.Code };
        Assert.Single(codes, code => code is null);
        await world.Plan();
    }

    [Fact]
    public async Task Only_domains_on_a_server_of_ours_have_them()
    {
        await using var fleet = FleetWorld.Create(database);
        var domain = await fleet.AddDomain();
        Assert.Equal("domain.not_hosted", (await AddAlias.Handle(fleet.Actor, domain.Domain.Id, new("a", ["b@c.test"]), fleet.Db, fleet.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Another_tenant_and_another_workspace_see_and_change_none()
    {
        await using var world = await HostedWorld.Create(database);
        var alias = (await Add(world, "sales", "a@b.test")).Value;
        foreach (var (stranger, there, domain) in new[]
        {
            (Actor.System(database.NewTenant(), world.Fleet.Workspace), "alias.not_found", "domain.not_found"),
            (Actor.System(world.Fleet.Tenant, new WorkspaceId(Guid.CreateVersion7())), "alias.not_found", "domain.not_found"),
            (world.Actor with { Kind = ActorKind.Person }, "permission.missing", "permission.missing"),
            (Actor.System(world.Fleet.Tenant), "workspace.missing", "workspace.missing"),
        })
        {
            Assert.Equal(there, (await ListAliases.One(stranger, alias.Id, world.Db, Ct)).Problem?.Code);
            Assert.Equal(there, (await ChangeAlias.Handle(stranger, alias.Id, new(["x@y.test"]), world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(there, (await RemoveAlias.Handle(stranger, alias.Id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(domain, (await ListAliases.Handle(stranger, world.Domain, null, null, world.Db, Ct)).Problem?.Code);
            Assert.Equal(domain, (await AddAlias.Handle(stranger, world.Domain, new("x", ["x@y.test"]), world.Db, world.Clock, Ct)).Problem?.Code);
        }
    }
}
