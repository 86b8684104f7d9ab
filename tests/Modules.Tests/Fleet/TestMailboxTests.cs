using System.Net;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Modules.Tests.Fleet;

public sealed class TestMailboxTests(TestDatabase database)
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
