using System.Net;
using PenguinMails.Core;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Native;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>Whatever breaks off a run, the next one ends where an undisturbed one does.</summary>
[Collection("testbed")]
[Trait("Needs", "testbed")]
public sealed class NativeFaultTests(TestbedWorld world)
{
    // Everything under our care but certificates, which are new each time, and what was put aside.
    const string Fingerprint = """
        find /etc/postfix /etc/dovecot /etc/rspamd /etc/penguinmails /etc/sysusers.d /etc/tmpfiles.d /etc/systemd/system /etc/fail2ban/jail.d /etc/apt/apt.conf.d /var/lib/penguinmails -type f \
          -not -path '*/tls/*' -not -path '*/before/*' -printf '%m %u %g ' -exec sha256sum {} \; | sort
        for unit in postfix dovecot rspamd redis-server fail2ban penguinmails-firewall; do systemctl is-active $unit; systemctl is-enabled $unit; done
        dpkg --audit
        nft list table inet penguinmails
        """;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    static StackPlan Plan(string variant) => StackExample.Plan with
    {
        Addresses = [new(IPAddress.Parse(TestbedWorld.Vps1), "mail.example.com"), new(IPAddress.Parse(TestbedWorld.Vps1Second), variant + ".example.com")],
        Mailboxes = [.. StackExample.Plan.Mailboxes.Select(mailbox => mailbox with { SendFrom = null }), new(variant + "@example.com", ["password " + variant], 0, 5, null)],
        Domains = [.. StackExample.Plan.Domains, new(variant + ".net", [new("s1", StackExample.Key)])],
    };

    async Task<Result<StackChanges>> Apply(StackPlan plan, CancellationToken ct, Func<StackStep, Task>? seen = null)
    {
        await using var session = await world.Open(TestbedWorld.Vps1, Ct);
        return await new NativeStack(session, world.Target(TestbedWorld.Vps1)).Apply(plan, async step => await (seen?.Invoke(step) ?? Task.CompletedTask), ct);
    }

    async Task<string> Remote(params string[] words)
    {
        await using var session = await world.Open(TestbedWorld.Vps1, Ct);
        var answer = await session.Run(words, default, TimeSpan.FromMinutes(1), Ct);
        return answer.Value.Text + answer.Value.Error;
    }

    [Fact]
    public async Task Faults_of_installation_end_in_a_result_and_the_next_run_mends_them()
    {
        await world.Virgin("vps1", Ct);
        await Remote("mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", "/var/cache/apt/archives");
        Assert.Equal("stack.disk_full", (await Apply(Plan("a"), Ct)).Problem?.Code);
        await Remote("umount", "/var/cache/apt/archives");
        await PowerCut();
        await LostConnection();
        await Interruptions();
        await FullDisk();
        await OtherUser();
    }

    // The installation dies in the middle of dpkg's work, and leaves packages half configured.
    async Task PowerCut()
    {
        var cut = Task.CompletedTask;
        var first = await Apply(Plan("a"), Ct, step =>
        {
            if (step.Name == "packages") cut = Kill();
            return Task.CompletedTask;
        });
        await cut;
        Say($"power cut: {first.Problem?.Code} {first.Problem?.Detail}");
        Assert.Equal("stack.install_failed", first.Problem?.Code);
        var audit = await Remote("dpkg", "--audit");
        Say(audit);
        Assert.NotEqual("", audit);
    }

    async Task Kill()
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if ((await Remote("sh", "-c", "dpkg --audit | head -c 1")).Length > 0) break;
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Ct);
        }

        await Remote("pkill", "-9", "-x", "apt-get");
        await Remote("pkill", "-9", "-x", "dpkg");
    }

    // Only our end goes: apt continues on the machine, and the next run waits for it.
    async Task LostConnection()
    {
        using var given = new CancellationTokenSource();
        var second = await Apply(Plan("a"), given.Token, step =>
        {
            if (step.Name is "repair" or "packages") given.CancelAfter(TimeSpan.FromSeconds(4));
            return Task.CompletedTask;
        });
        Say($"lost: {second.Problem?.Code} {second.Problem?.Detail}");
        Assert.Equal("ssh.too_slow", second.Problem?.Code);
        var third = await Apply(Plan("a"), Ct);
        Assert.True(third.IsOk, third.Problem?.Detail);
        Assert.Equal("", await Remote("dpkg", "--audit"));
    }

    async Task Interruptions()
    {
        var undisturbed = await Remote("sh", "-c", Fingerprint);
        var seed = Environment.TickCount;
        Say($"seed {seed}");
        var random = new Random(seed);
        var broken = 0;
        for (var round = 0; round < 15; round++)
        {
            using var given = new CancellationTokenSource();
            var kills = round % 4 == 0;
            var target = new[] { "files", "removals", "services" }[round % 3];
            var result = await Apply(Plan(round % 2 == 0 ? "b" : "c"), given.Token, async step =>
            {
                if (step.Name != target) return;
                given.CancelAfter(TimeSpan.FromMilliseconds(random.Next(0, 600)));
                if (kills) _ = Remote("pkill", "-9", "-x", "sh");
                await Task.CompletedTask;
            });
            if (!result.IsOk) broken++;
            Say($"round {round} at {target}: {result.Problem?.Code ?? "done"}");
        }

        var last = await Apply(Plan("a"), Ct);
        Assert.True(last.IsOk, last.Problem?.Detail);
        Assert.Equal(undisturbed, await Remote("sh", "-c", Fingerprint));
        Assert.True((await Apply(Plan("a"), Ct)).Value.IsNothing);
        Assert.True(broken >= 8, $"only {broken} runs were broken off");
    }

    async Task FullDisk()
    {
        await Remote("sh", "-c", "mkdir -p /run/state && mount -t tmpfs -o size=64k tmpfs /run/state && cp -a /var/lib/penguinmails/. /run/state/ ; rm -rf /run/state/before; head -c 1M /dev/zero > /run/state/fill; mount --bind /run/state /var/lib/penguinmails");
        Assert.Equal("stack.disk_full", (await Apply(Plan("b"), Ct)).Problem?.Code);
        await Remote("umount", "/var/lib/penguinmails");
        Assert.True((await Apply(Plan("a"), Ct)).IsOk);
        Assert.True((await Apply(Plan("a"), Ct)).Value.IsNothing);
    }

    async Task OtherUser()
    {
        await Remote("sh", "-c", "useradd -m -s /bin/bash penguin && cp -r ~/.ssh /home/penguin/ && chown -R penguin: /home/penguin/.ssh");
        var target = world.Target(TestbedWorld.Vps1) with { User = "penguin" };
        await using var session = (await SshSession.Open(target, TestbedWorld.Network, TimeProvider.System, Ct)).Value;
        Assert.Equal("stack.not_root", (await new NativeStack(session, target).Compare(Plan("a"), Ct)).Problem?.Code);
        await Remote("sh", "-c", "echo 'penguin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/penguin");
        Assert.True((await new NativeStack(session, target).Compare(Plan("a"), Ct)).Value.IsNothing);
    }
}
