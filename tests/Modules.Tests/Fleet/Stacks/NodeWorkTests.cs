using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Native;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>The difference between a machine and its description, from the facts alone.</summary>
public sealed class NodeWorkTests
{
    static readonly NodeDescription Wanted = NodeDescription.Of(StackExample.Plan, 22);

    static readonly string[] Sound =
    [
        "system debian 12", "user 0", "free 9000000", "certificate self-signed mail.example.com",
        .. Wanted.Packages.Select(package => $"package {package} installed"),
        .. Wanted.Units.SelectMany(unit => new[] { $"unit Id={unit}", "unit ActiveState=active", "unit UnitFileState=enabled", "unit " }),
        .. Wanted.Files.Select(file => "ours " + file.Path),
        .. Wanted.Files.Select(file => $"stat {file.Mode.TrimStart('0')} {file.Owner} {file.Group} {file.Path}"),
        .. Wanted.Files.Select(file => $"sum {file.Sha256}  {file.Path}"),
    ];

    static string Facts(Func<string, bool>? keep, string more) => string.Join('\n', Sound.Where(keep ?? (_ => true)).Append(more));

    static NodeWork Work(Func<string, bool>? keep = null, string more = "") => NodeWork.Between(Wanted, NodeFacts.Parse(Facts(keep, more)));

    [Fact]
    public void Machine_as_described_needs_nothing() => Assert.True(Work().IsNothing);

    [Fact]
    public void Changed_file_is_written_and_only_its_reader_told()
    {
        var work = Work(line => !line.EndsWith("  /etc/dovecot/dovecot.conf", StringComparison.Ordinal), $"sum {new string('0', 64)}  /etc/dovecot/dovecot.conf");
        Assert.Equal("/etc/dovecot/dovecot.conf", Assert.Single(work.Write).Path);
        Assert.Equal(["dovecot.service"], work.Reload);
        Assert.Empty(work.Install);
    }

    [Fact]
    public void Mode_and_owner_count_as_much_as_content()
    {
        var changed = Work(line => !line.StartsWith("stat 640 root dovecot", StringComparison.Ordinal), "stat 644 root dovecot /etc/dovecot/penguin/passwords.0");
        Assert.Contains(changed.Write, file => file.Path == "/etc/dovecot/penguin/passwords.0");
    }

    [Fact]
    public void What_is_ours_and_unwanted_goes_and_nothing_else_does()
    {
        var work = Work(more: "ours /etc/rspamd/penguin/gone.com.s1.key\nours /usr/bin/sudo\nours /etc/../bin/sh\nmailbox example.com/alice\nmailbox gone.com/x\nmailbox ../y\nmailbox example.com/..");
        Assert.Equal(["/etc/rspamd/penguin/gone.com.s1.key"], work.Remove);
        Assert.Equal(["gone.com/x"], work.Retire);
        Assert.Equal(["rspamd.service"], work.Reload);
    }

    [Fact]
    public void Run_that_was_broken_off_is_taken_up()
    {
        var work = Work(more: "pending postfix.service\nbroken");
        Assert.True(work is { Repair: true, IsUnfinished: true });
        Assert.Equal(["postfix.service"], work.Reload);
    }

    [Fact]
    public void Half_installed_package_is_installed_and_its_service_started_again()
    {
        var work = Work(line => line != "package rspamd installed", "package rspamd half-configured");
        Assert.Equal(["rspamd"], work.Install);
        Assert.Contains("rspamd.service", Work(line => line != "package rspamd installed", "pending rspamd.service").Restart);
    }

    [Theory]
    [InlineData("certificate self-signed other.example.com", "")]
    [InlineData("certificate self-signed mail.example.com", "certificate-ends")]
    [InlineData("", "")]
    public void Certificate_of_another_origin_or_near_its_end_is_replaced(string origin, string ends)
    {
        var work = Work(line => !line.StartsWith("certificate", StringComparison.Ordinal), origin + "\n" + ends);
        Assert.NotNull(work.Certificate);
        Assert.Equal(["dovecot.service", "postfix.service"], work.Reload.Order());
    }

    [Fact]
    public void Stopped_or_disabled_service_is_brought_back()
    {
        var work = Work(line => !line.Contains("fail2ban.service", StringComparison.Ordinal));
        Assert.Equal(["fail2ban.service"], work.Enable);
        Assert.Equal(["fail2ban.service"], work.Reload);
    }

    [Fact]
    public void Diff_shows_what_goes_and_what_comes() =>
        Assert.Equal(" a\n-b\n+x\n c\n e\n+f", LineDiff.Of("a\nb\nc\nd\ne\n", "a\nx\nc\nd\ne\nf\n"));

    [Fact]
    public void Queue_is_read_line_by_line_and_a_cut_line_passed_over()
    {
        const string Lines = """
            {"queue_name": "deferred", "queue_id": "4B", "arrival_time": 1700000100, "message_size": 900, "forced_expire": false, "sender": "a@example.com", "recipients": [{"address": "x@y.com", "delay_reason": "connection refused"}]}
            {"queue_name": "active", "queue_id": "3A", "arrival_time": 1700000000, "message_size": 500, "sender": "b@example.com", "recipients": [{"address": "z@y.com"}]}
            {"queue_name": "act
            """;
        var queue = PostfixQueue.Parse(Lines);
        Assert.Equal(["3A", "4B"], queue.Select(mail => mail.Id));
        Assert.Equal((null, "connection refused", 900), (queue[0].Reason, queue[1].Reason, queue[1].Bytes));
    }
}
