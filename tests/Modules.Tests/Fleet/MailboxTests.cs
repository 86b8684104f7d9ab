using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Fleet;

public sealed class MailboxTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("smtp.firm.example", "mailbox.insecure")]
    [InlineData("10.0.0.5", "mailbox.insecure")]
    [InlineData("127.0.0.1", null)]
    [InlineData("::1", null)]
    [InlineData("LocalHost", null)]
    public async Task A_password_in_clear_is_for_this_machine_only(string host, string? code)
    {
        await using var world = FleetWorld.Create(database);
        var input = world.Mailbox();
        var open = input.Smtp with { Host = host };
        Assert.Equal(code, (await ConnectMailbox.Handle(world.Actor, input with { Smtp = open }, world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
        Assert.Equal(code, (await ConnectMailbox.Handle(world.Actor, world.Mailbox("imap") with { Imap = open }, world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
        var id = await world.Connect(world.Mailbox("other"));
        var change = new ChangeMailbox.ServerChange(host, 25, ConnectionSecurity.None, "sam", "pw");
        Assert.Equal(code, (await Change(world, id, new(Smtp: change))).Problem?.Code);
        Assert.Equal(code, (await Change(world, id, new(Imap: change))).Problem?.Code);
    }

    [Fact]
    public async Task What_is_given_is_changed_and_the_rest_stays()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        await world.Test(id);
        var renamed = (await Change(world, id, new(DisplayName: " Samuel ", DailyCap: 45))).Value;
        Assert.Equal(("Samuel", 45, 120, true), (renamed.DisplayName, renamed.DailyCap, renamed.GapSeconds, renamed.TestOk));
        var server = renamed.Smtp;
        var moved = (await Change(world, id, new(Smtp: new("localhost", server.Port, ConnectionSecurity.None, "sam", "sandbox")))).Value;
        Assert.Equal(("localhost", null), (moved.Smtp.Host, moved.TestOk));
        Assert.True((await world.Test(id)).Value.Ok);
        Assert.Equal("mailbox.changed", (await world.Audited())[0]);
    }

    [Fact]
    public async Task A_stored_password_is_never_sent_to_another_server_or_user()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        var port = world.Sandbox.SmtpEndpoint.Port;
        Assert.Equal("mailbox.secret_needed", (await Change(world, id, new(Smtp: new("localhost", port, ConnectionSecurity.None, "sam")))).Problem?.Code);
        Assert.Equal("mailbox.secret_needed", (await Change(world, id, new(Smtp: new("127.0.0.1", port, ConnectionSecurity.None, "tom")))).Problem?.Code);
        Assert.Equal("mailbox.secret_needed", (await Change(world, id, new(Imap: new("127.0.0.1", port, ConnectionSecurity.None, "sam")))).Problem?.Code);
        Assert.True((await Change(world, id, new(Smtp: new("127.0.0.1", port, ConnectionSecurity.Starttls, "sam")))).IsOk);
    }

    [Fact]
    public async Task An_imap_server_can_be_added_and_taken_away()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.Equal("imap.firm.example", (await Change(world, id, new(Imap: new("imap.firm.example", 993, ConnectionSecurity.Tls, "sam", "pw")))).Value.Imap?.Host);
        Assert.Null((await Change(world, id, new(RemovesImap: true))).Value.Imap);
    }

    [Theory]
    [InlineData(0, null, null, false)]
    [InlineData(1, null, null, true)]
    [InlineData(1_000_000, null, null, true)]
    [InlineData(1_000_001, null, null, false)]
    [InlineData(null, -1, null, false)]
    [InlineData(null, 0, null, true)]
    [InlineData(null, 86_400, null, true)]
    [InlineData(null, 86_401, null, false)]
    [InlineData(null, 0, 20, true)]
    [InlineData(null, 0, 21, false)]
    [InlineData(null, null, 2, false)] // The gap stays 120.
    public async Task Limits_hold_for_changes_too(int? cap, int? gap, int? connections, bool isTaken)
    {
        await using var world = FleetWorld.Create(database);
        var result = await Change(world, await world.Connect(), new(DailyCap: cap, GapSeconds: gap, ConnectionsMax: connections));
        Assert.Equal(isTaken ? null : "mailbox.invalid", result.Problem?.Code);
    }

    [Fact]
    public async Task A_mailbox_is_paused_resumed_and_removed_when_paused()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.Equal("mailbox.not_paused", (await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.Equal(MailboxState.Paused, (await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.State);
        await PauseMailbox.Resume(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.Equal(MailboxState.Active, (await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.State);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.True((await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Secrets, "test", world.Clock, Ct)).IsOk);
        Assert.Null(await FindMailboxRoute.Handle($"sam@{world.Name}", world.Db, Ct));
        Assert.Equal(["mailbox.removed", "mailbox.paused", "mailbox.resumed", "mailbox.paused", "mailbox.connected"], await world.Audited());
        Assert.True((await ConnectMailbox.Handle(world.Actor, world.Mailbox(), world.Db, world.Secrets, "test", world.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task Another_tenant_and_another_workspace_see_no_mailbox()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        var outbound = Outbound.From("127.0.0.0/8");
        foreach (var (stranger, code) in new[]
        {
            (Actor.System(database.NewTenant(), world.Workspace), "mailbox.not_found"),
            (Actor.System(world.Tenant, new WorkspaceId(Guid.CreateVersion7())), "mailbox.not_found"),
            (world.Actor with { Kind = ActorKind.Person }, "permission.missing"),
            (Actor.System(world.Tenant), "workspace.missing"),
        })
        {
            Assert.Equal(code, (await TestMailbox.Handle(stranger, id, world.Db, world.Secrets, "test", outbound, world.Hosts, TimeProvider.System, Ct)).Problem?.Code);
            Assert.Equal(code, (await TestMailbox.Last(stranger, id, world.Db, Ct)).Problem?.Code);
            Assert.Equal(code, (await ChangeMailbox.Handle(stranger, id, new(DailyCap: 5), world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await PauseMailbox.Handle(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await PauseMailbox.Resume(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await RemoveMailbox.Handle(stranger, id, world.Db, world.Secrets, "test", world.Clock, Ct)).Problem?.Code);
        }
    }

    static Task<Result<Mailbox>> Change(FleetWorld world, MailboxId id, ChangeMailbox.Input input) => ChangeMailbox.Handle(world.Actor, id, input, world.Db, world.Secrets, "test", world.Clock, Ct);
}
