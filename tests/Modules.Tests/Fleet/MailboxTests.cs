using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Fleet;

public sealed class MailboxTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mailbox_that_works_is_tested_step_by_step_without_its_password()
    {
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect();
        Assert.Equal("mailbox.not_tested", (await TestMailbox.Last(world.Actor, id, world.Db, Ct)).Problem?.Code);
        var test = (await world.Test(id)).Value;
        Assert.True(test.Ok);
        Assert.Equal(["connect", "greeting", "log_in"], test.Smtp.Steps.Select(step => step.Name));
        Assert.Contains(test.Smtp.Dialogue, line => line is { IsClient: true, Text: "AUTH PLAIN ***" });
        Assert.DoesNotContain(test.Smtp.Dialogue, line => line.Text.Contains(Convert.ToBase64String("\0sam\0sandbox"u8)));
        var mailbox = (await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value;
        Assert.Equal((true, true), (mailbox.TestOk, mailbox.TestedAt is not null));
        Assert.Equal(test.Smtp.Dialogue.Count, (await TestMailbox.Last(world.Actor, id, world.Db, Ct)).Value.Smtp.Dialogue.Count);
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_such()
    {
        await using var world = FleetWorld.Create(database);
        var input = world.Mailbox();
        var id = await world.Connect(input with { Smtp = input.Smtp with { Secret = "wrong" } });
        var failed = Failed((await world.Test(id)).Value.Smtp);
        Assert.Equal("log_in", failed.Name);
        Assert.Contains("535", failed.Detail);
        Assert.Contains("app password", failed.Detail);
        Assert.False((await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.TestOk);
    }

    [Theory]
    [InlineData("127.0.0.1", null, "connect", "PENGUIN__NETWORK__ALLOWED")]
    [InlineData("127.0.0.1", "10.0.0.0/8", "connect", "private or reserved")]
    [InlineData("127.0.0.1", "127.0.0.0/8", "tls", "offers no STARTTLS")]
    [InlineData("nobody.invalid", "127.0.0.0/8", "connect", "does not resolve")]
    public async Task A_server_out_of_reach_or_without_encryption_fails_with_advice(string host, string? allowed, string step, string words)
    {
        await using var world = FleetWorld.Create(database);
        var input = world.Mailbox();
        var id = await world.Connect(input with { Smtp = input.Smtp with { Host = host, Security = ConnectionSecurity.Starttls } });
        var failed = Failed((await world.Test(id, allowed)).Value.Smtp);
        Assert.Equal(step, failed.Name);
        Assert.Contains(words, failed.Detail);
    }

    [Theory]
    [InlineData("", ConnectionSecurity.None, "greeting")] // Hangs up.
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", ConnectionSecurity.None, "greeting")]
    [InlineData("554 5.7.1 Your address is blocked\r\n", ConnectionSecurity.None, "greeting")]
    [InlineData("220 clear.test ESMTP\r\n", ConnectionSecurity.Tls, "tls")]
    [InlineData("220 ok\r\n\0\u0001\u0002 garbage\r\n", ConnectionSecurity.None, "greeting")]
    public async Task Whatever_a_server_says_is_a_report(string greeting, ConnectionSecurity security, string step)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Serve(listener, greeting);
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect(world.Mailbox() with { Smtp = new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, security, "sam", "pw") });
        var test = (await world.Test(id)).Value;
        await serving;
        Assert.False(test.Ok);
        Assert.Equal(step, Failed(test.Smtp).Name);
        Assert.All(test.Smtp.Steps.SkipWhile(found => found.State != TestState.Failed).Skip(1), found => Assert.Equal(TestState.Skipped, found.State));
    }

    [Fact]
    public async Task An_imap_server_is_tested_too_and_its_failure_fails_the_test()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Serve(listener, "* OK ready\r\n", line => line.Contains("CAPABILITY") ? "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n{0} OK\r\n" : "{0} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n");
        await using var world = FleetWorld.Create(database);
        var id = await world.Connect(world.Mailbox() with { Imap = new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, ConnectionSecurity.None, "sam", "secret-word") });
        var test = (await world.Test(id)).Value;
        await serving;
        Assert.Equal((false, true, false), (test.Ok, test.Smtp.Ok, test.Imap!.Ok));
        Assert.Equal("log_in", Failed(test.Imap).Name);
        Assert.Contains("Invalid credentials", Failed(test.Imap).Detail);
        Assert.DoesNotContain(test.Imap.Dialogue, line => line.Text.Contains(Convert.ToBase64String("\0sam\0secret-word"u8)));
    }

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
        Assert.Equal(code, (await ConnectMailbox.Handle(world.Actor, input with { Smtp = open }, world.Db, world.Box, world.Clock, Ct)).Problem?.Code);
        Assert.Equal(code, (await ConnectMailbox.Handle(world.Actor, world.Mailbox("imap") with { Imap = open }, world.Db, world.Box, world.Clock, Ct)).Problem?.Code);
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
        Assert.Equal("mailbox.not_paused", (await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct)).Problem?.Code);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.Equal(MailboxState.Paused, (await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.State);
        await PauseMailbox.Resume(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.Equal(MailboxState.Active, (await ListMailboxes.One(world.Actor, id, world.Db, Ct)).Value.State);
        await PauseMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct);
        Assert.True((await RemoveMailbox.Handle(world.Actor, id, world.Db, world.Clock, Ct)).IsOk);
        Assert.Null(await FindMailboxRoute.Handle($"sam@{world.Name}", world.Db, Ct));
        Assert.Equal(["mailbox.removed", "mailbox.paused", "mailbox.resumed", "mailbox.paused", "mailbox.connected"], await world.Audited());
        Assert.True((await ConnectMailbox.Handle(world.Actor, world.Mailbox(), world.Db, world.Box, world.Clock, Ct)).IsOk);
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
            Assert.Equal(code, (await TestMailbox.Handle(stranger, id, world.Db, world.Box, outbound, world.Hosts, TimeProvider.System, Ct)).Problem?.Code);
            Assert.Equal(code, (await TestMailbox.Last(stranger, id, world.Db, Ct)).Problem?.Code);
            Assert.Equal(code, (await ChangeMailbox.Handle(stranger, id, new(DailyCap: 5), world.Db, world.Box, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await PauseMailbox.Handle(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await PauseMailbox.Resume(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
            Assert.Equal(code, (await RemoveMailbox.Handle(stranger, id, world.Db, world.Clock, Ct)).Problem?.Code);
        }
    }

    static Task<Result<Mailbox>> Change(FleetWorld world, MailboxId id, ChangeMailbox.Input input) => ChangeMailbox.Handle(world.Actor, id, input, world.Db, world.Box, world.Clock, Ct);

    static TestStep Failed(ServerTest test) => Assert.Single(test.Steps, step => step.State == TestState.Failed);

    static async Task Serve(TcpListener listener, string greeting, Func<string, string>? answer = null)
    {
        using var client = await listener.AcceptTcpClientAsync(Ct);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(greeting), Ct);
        try
        {
            while (answer is not null && await reader.ReadLineAsync(Ct) is { } line)
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer(line).Replace("{0}", line.Split(' ')[0])), Ct);
        }
        catch (IOException)
        {
            // The client left.
        }
    }
}
