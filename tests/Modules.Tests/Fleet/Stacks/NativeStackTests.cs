using System.Net;
using System.Security.Cryptography;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Native;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>A bare Debian becomes a mail server, and mail from it is believed by a recipient provider.</summary>
[Collection("testbed")]
[Trait("Needs", "testbed")]
public sealed class NativeStackTests(TestbedWorld world) : IAsyncLifetime
{
    const string Domain = "node-outreach.com", Host = "mail.node-outreach.com", Alice = "alice@node-outreach.com", Bob = "bob@node-outreach.com";

    static readonly string Key = NewKey();

    SshSession _session = null!;
    NativeStack _stack = null!;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static string NewKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    static StackPlan Plan(params StackMailbox[] mailboxes) => new(
        Host, [new(IPAddress.Parse(TestbedWorld.Vps1), Host), new(IPAddress.Parse(TestbedWorld.Vps1Second), "mail2.node-outreach.com")],
        [new(Domain, [new("s1", Key)])], mailboxes, [new("info@" + Domain, [Alice])],
        new StackCertificate.Acme(new Uri("https://acme.platform-host.io:14000/dir"), "ops@platform-host.io"));

    static StackMailbox AliceBox(int limit = 100) => new(Alice, ["current-password-1", "older-password-2"], 50_000_000, limit, null);

    static StackMailbox BobBox => new(Bob, ["bobs-password-3"], 0, 2, IPAddress.Parse(TestbedWorld.Vps1Second));

    public async ValueTask InitializeAsync()
    {
        await world.Need(Ct, "isp1", "isp3", "acme");
        await world.Virgin("vps1", Ct);
        await Names();
        await Connect();
    }

    async Task Connect()
    {
        _session = await world.Open(TestbedWorld.Vps1, Ct);
        _stack = new NativeStack(_session, world.Target(TestbedWorld.Vps1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
    }

    async Task Names()
    {
        using var key = RSA.Create();
        key.ImportFromPem(Key);
        var point = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        await world.Script("record.sh", Ct, "zone", Domain);
        foreach (var (name, type, content) in new[]
        {
            (Host, "A", TestbedWorld.Vps1), ("mail2." + Domain, "A", TestbedWorld.Vps1Second), (Domain, "MX", $"10 {Host}."),
            (Domain, "TXT", $"\"v=spf1 ip4:{TestbedWorld.Vps1} ip4:{TestbedWorld.Vps1Second} -all\""), ("bounce." + Domain, "TXT", $"\"v=spf1 ip4:{TestbedWorld.Vps1} ip4:{TestbedWorld.Vps1Second} -all\""),
            ("bounce." + Domain, "MX", "10 mail.platform-host.io."), ("_dmarc." + Domain, "TXT", "\"v=DMARC1; p=reject\""),
        }) await world.Script("record.sh", Ct, "set", Domain, name, type, content);
        await world.Script("record.sh", Ct, "set", Domain, "s1._domainkey." + Domain, "TXT", $"\"v=DKIM1; k=rsa; p={point[..200]}\" \"{point[200..]}\"");
        await world.Script("record.sh", Ct, "ptr", TestbedWorld.Vps1, Host);
        await world.Script("record.sh", Ct, "ptr", TestbedWorld.Vps1Second, "mail2." + Domain);
    }

    async Task<StackChanges> Apply(StackPlan plan)
    {
        var started = TimeProvider.System.GetTimestamp();
        var result = await _stack.Apply(plan, step =>
        {
            Say($"{TimeProvider.System.GetElapsedTime(started).TotalSeconds,6:0.0} s {step.Name}: {step.Detail}");
            return default;
        }, Ct);
        Say($"{TimeProvider.System.GetElapsedTime(started).TotalSeconds,6:0.0} s done");
        Assert.True(result.IsOk, result.Problem?.Detail);
        return result.Value;
    }

    static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    Task<string> Submit(string user, string password, string sender, string author, string to, string token, int port = 587) =>
        world.Script("submit.py", Ct, TestbedWorld.Vps1, $"{port}", user, password, sender, author, to, token);

    async Task<string> Remote(params string[] words)
    {
        var answer = await _session.Run(words, default, TimeSpan.FromMinutes(1), Ct);
        return answer.Value.Text + answer.Value.Error;
    }

    [Fact]
    public async Task Bare_machine_sends_believed_mail_and_a_second_run_changes_nothing()
    {
        var plan = Plan(AliceBox(), BobBox);
        Assert.Contains((await _stack.Compare(plan, Ct)).Value.Items, change => change is { Kind: "package", Name: "postfix", Action: StackAction.Add });
        Assert.False((await Apply(plan)).IsNothing);
        Assert.True((await Apply(plan)).IsNothing);
        Assert.Empty((await _stack.Compare(plan, Ct)).Value.Items);
        await Sends();
        await Remembers();
        await SignsOnce();
        await Refuses();
        await ShowsWhatSomebodyChanged(plan);
        await RemovesMailbox();
    }

    async Task Sends()
    {
        Assert.StartsWith("250", await Submit(Alice, "current-password-1", "bounce+v1@bounce." + Domain, Alice, "u1@bigmail.com", "tok-alice-1"));
        Assert.StartsWith("250", await Submit(Alice, "older-password-2", Alice, Alice, "u1@bigmail.com", "tok-alice-2", 465));
        var first = await world.Arrived("isp1", "u1@bigmail.com", "tok-alice-1", Ct);
        Assert.True(first is not null, string.Join('\n', (await _stack.Log(60, Ct)).Value));
        foreach (var pass in new[] { "dkim=pass", "spf=pass", "dmarc=pass" }) Assert.Contains(pass, first);
        Assert.Single(first.Split("DKIM-Signature:")[1..]);
        Assert.NotNull(await world.Arrived("isp1", "u1@bigmail.com", "tok-alice-2", Ct));
        // Bob sends from the second address, under its own name, and twice an hour.
        Assert.StartsWith("250", await Submit(Bob, "bobs-password-3", Bob, Bob, "u2@bigmail.com", "tok-bob-1"));
        var bobs = await world.Arrived("isp1", "u2@bigmail.com", "tok-bob-1", Ct);
        Assert.Contains("mail2.node-outreach.com", bobs);
        Assert.Contains("spf=pass", bobs);
        Assert.StartsWith("250", await Submit(Bob, "bobs-password-3", Bob, Bob, "u2@bigmail.com", "tok-bob-2"));
        Assert.StartsWith("451", await Submit(Bob, "bobs-password-3", Bob, Bob, "u2@bigmail.com", "tok-bob-3"));
    }

    // What a message in doubt is looked for in: whole only where the journal reaches back before the stretch.
    async Task Remembers()
    {
        var now = TimeProvider.System.GetUtcNow();
        var log = (await _stack.Deliveries(now.AddYears(-1), now.AddMinutes(1), Ct)).Value;
        Assert.Contains(log.Lines, line => line.Contains("/cleanup[", StringComparison.Ordinal) && line.Contains(": message-id=<", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("/qmgr[", StringComparison.Ordinal) && line.Contains($": from=<{Alice}>", StringComparison.Ordinal));
        Assert.False(log.IsWhole);
        Assert.InRange((log.Clock - now).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
        var recent = (await _stack.Deliveries(now.AddSeconds(1), now.AddMinutes(1), Ct)).Value;
        Assert.True(recent.IsWhole);
        Assert.DoesNotContain(recent.Lines, line => line.Contains("message-id=", StringComparison.Ordinal));
    }

    // The platform signs itself as a rule; the node signs only what comes without a signature of the author's domain.
    async Task SignsOnce()
    {
        foreach (var (domain, expected) in new[] { (Domain, 1), ("other.com", 2) })
        {
            var token = "tok-signed-" + expected;
            var header = Path.GetTempFileName();
            await File.WriteAllTextAsync(header, $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d={domain}; s=s9; h=From; bh=eA==; b=eA==\r\n", Ct);
            Assert.StartsWith("250", await world.Script("submit.py", Ct, TestbedWorld.Vps1, "587", Alice, "current-password-1", Alice, Alice, "u1@oldhost.org", token, header));
            File.Delete(header);
            var arrived = await world.Arrived("isp3", "u1@oldhost.org", token, Ct);
            Assert.Equal(expected, arrived?.Split("DKIM-Signature:").Length - 1);
        }
    }

    async Task Refuses()
    {
        Assert.StartsWith("554", await world.Script("submit.py", Ct, TestbedWorld.Vps1, "25", "-", "-", "x@elsewhere.com", "x@elsewhere.com", "u1@bigmail.com", "tok-relay"));
        Assert.StartsWith("535", await Submit(Alice, "wrong", Alice, Alice, "u1@bigmail.com", "tok-wrong"));
        Assert.StartsWith("553", await Submit(Alice, "current-password-1", Bob, Bob, "u1@bigmail.com", "tok-as-bob"));
        Assert.StartsWith("550", await world.Script("submit.py", Ct, TestbedWorld.Vps1, "25", "-", "-", "x@elsewhere.com", "x@elsewhere.com", "nobody@" + Domain, "tok-nobody"));
        Assert.StartsWith("250", await world.Script("submit.py", Ct, TestbedWorld.Vps1, "25", "-", "-", "u1@bigmail.com", "u1@bigmail.com", "info@" + Domain, "tok-alias"));
    }

    async Task ShowsWhatSomebodyChanged(StackPlan plan)
    {
        await Remote("sh", "-c", "echo 'mynetworks = 0.0.0.0/0' >> /etc/postfix/main.cf; chmod 666 /etc/postfix/master.cf");
        var changes = (await _stack.Compare(plan, Ct)).Value.Items;
        Assert.Contains("-mynetworks = 0.0.0.0/0", changes.Single(change => change.Name == "/etc/postfix/main.cf").Diff);
        Assert.Contains("-mode 666 root:root", changes.Single(change => change.Name == "/etc/postfix/master.cf").Diff);
        await Apply(plan);
        Assert.True((await Apply(plan)).IsNothing);
    }

    async Task RemovesMailbox()
    {
        // Alice's folder is there since the alias brought her mail.
        Assert.Contains("node-outreach.com", await Remote("ls", "/var/vmail"));
        var changes = await Apply(Plan(BobBox));
        Assert.Contains(changes.Items, change => change is { Kind: "mailbox", Name: Alice, Action: StackAction.Remove });
        Assert.StartsWith("535", await Submit(Alice, "current-password-1", Alice, Alice, "u1@bigmail.com", "tok-gone"));
        Assert.DoesNotContain("alice", await Remote("find", "/var/vmail", "/etc/postfix", "/etc/dovecot", "-name", "alice*"));
        Assert.True((await Apply(Plan(BobBox))).IsNothing);
    }
}
