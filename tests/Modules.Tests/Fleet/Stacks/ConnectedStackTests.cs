using PenguinMails.Fleet.Stacks;
using static PenguinMails.Modules.Tests.Fleet.Stacks.ConnectedRun;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>Mail servers that somebody else runs: each test against all three ways of speaking to one.</summary>
public sealed class ConnectedStackTests
{
    public static TheoryData<string> All => ["mailu", "registry", "rest"];

    [Theory, MemberData(nameof(All))]
    public async Task An_empty_server_is_brought_to_the_plan_and_a_second_run_changes_nothing(string kind)
    {
        await using var peer = Peer(kind);
        var shown = (await Compare(kind, peer, Plan)).Value;
        Assert.Equal(0, peer.Changes);
        var done = (await Apply(kind, peer, Plan)).Value;
        Assert.Equal(shown.Items, done.Items);
        Assert.Contains(done.Items, change => change is { Kind: "mailbox", Name: "carol@example.org", Action: StackAction.Add });
        foreach (var mailbox in Plan.Mailboxes) Assert.True(peer.LetsIn(mailbox.Address, mailbox.Passwords[0]), mailbox.Address);
        Assert.False(peer.LetsIn("alice@example.com", "tr0ub4dor"));

        var state = peer.State;
        Assert.True((await Compare(kind, peer, Plan)).Value.IsNothing);
        Assert.True((await Apply(kind, peer, Plan)).Value.IsNothing);
        Assert.Equal(state, peer.State);
    }

    [Theory, MemberData(nameof(All))]
    public async Task What_differs_is_changed_and_what_is_not_wanted_any_more_goes(string kind)
    {
        await using var peer = Peer(kind);
        Assert.True((await Apply(kind, peer, Plan)).IsOk);
        var next = Plan with
        {
            Domains = [new("example.com", [new("s1", StackExample.Key)])],
            Mailboxes = [new("alice@example.com", ["another horse"], 2_000_000_000, 50, null), new("info@example.com", ["a mailbox now"], 0, 5, null)],
            Aliases = [new("bob@example.com", ["alice@example.com"])],
        };
        var changes = (await Compare(kind, peer, next)).Value;
        var alice = changes.Items.Single(change => change.Name == "alice@example.com");
        Assert.Contains("+quota 2000000000", alice.Diff);
        Assert.DoesNotContain("horse", alice.Diff);
        Assert.True((await Apply(kind, peer, next)).IsOk);

        Assert.True(peer.LetsIn("alice@example.com", "another horse"));
        Assert.False(peer.LetsIn("alice@example.com", "correct horse"));
        Assert.True(peer.LetsIn("info@example.com", "a mailbox now"));
        Assert.False(peer.LetsIn("bob@example.com", "tr0ub4dor"));
        Assert.DoesNotContain("example.org", peer.State);
        Assert.True((await Compare(kind, peer, next)).Value.IsNothing);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_foreign_domain_is_refused_and_nothing_in_it_is_touched(string kind)
    {
        await using var peer = Peer(kind);
        peer.AddForeign("example.com", "ann");
        peer.AddForeign("other.test", "ann");
        var state = peer.State;
        var refused = (await Apply(kind, peer, Plan)).Problem;
        Assert.Equal("stack.domain_foreign", refused?.Code);
        Assert.Contains(StackPeer.Marks.Plain, refused?.Detail);
        Assert.Equal(state, peer.State);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_domain_handed_over_is_used_and_the_mailboxes_in_it_stay_as_they_are(string kind)
    {
        await using var peer = Peer(kind);
        peer.AddForeign("example.com", "ann", StackPeer.Marks.Plain);
        peer.AddForeign("other.test", "ann");
        var foreign = peer.State.Split('\n').Where(line => line.Contains("ann", StringComparison.Ordinal)).ToList();
        Assert.True((await Apply(kind, peer, Plan)).IsOk);
        Assert.True(peer.LetsIn("ann@example.com", "theirs"));
        Assert.Empty(foreign.Except(peer.State.Split('\n')));

        // Also when the domain is not wanted any more: it stays, since somebody lives in it.
        var gone = (await Apply(kind, peer, Plan with { Domains = [Plan.Domains[1]], Mailboxes = [Plan.Mailboxes[2]], Aliases = [] })).Value;
        Assert.Contains(gone.Notes, note => note.Contains("example.com is not needed", StringComparison.Ordinal));
        Assert.False(peer.LetsIn("alice@example.com", "correct horse"));
        Assert.Empty(foreign.Except(peer.State.Split('\n')));
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_foreign_mailbox_or_alias_of_the_same_address_is_refused(string kind)
    {
        await using var peer = Peer(kind);
        peer.AddForeign("example.com", "alice", StackPeer.Marks.Plain);
        Assert.Equal("stack.address_foreign", (await Apply(kind, peer, Plan)).Problem?.Code);
        Assert.True(peer.LetsIn("alice@example.com", "theirs"));
        Assert.Equal("stack.address_foreign", (await Apply(kind, peer, Plan with { Mailboxes = [new("list@example.com", ["a long one"], 0, 5, null)], Aliases = [] })).Problem?.Code);
    }

    [Theory, MemberData(nameof(All))]
    public async Task A_limit_an_open_log_in_or_a_quota_changed_by_hand_is_put_right(string kind)
    {
        await using var peer = Peer(kind);
        Assert.True((await Apply(kind, peer, Plan)).IsOk);
        var state = peer.State;
        switch (peer)
        {
            case MailuPeer mailu: (mailu.Users["bob@example.com"]["enabled"], mailu.Users["alice@example.com"]["quota_bytes"]) = (false, 7); break;
            case StalwartRegistryPeer registry: registry.Kinds["MtaInboundThrottle"].Values.First()["enable"] = false; break;
            case StalwartRestPeer rest: rest.Settings[rest.Settings.Keys.First(key => key.EndsWith(".rate", StringComparison.Ordinal) && key.Contains("pm-", StringComparison.Ordinal))] = "100000/1h"; break;
        }

        Assert.NotEqual(state, peer.State);
        Assert.False((await Apply(kind, peer, Plan)).Value.IsNothing);
        Assert.Equal(state, peer.State);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Mail_bound_to_an_address_is_refused(string kind)
    {
        await using var peer = Peer(kind);
        Assert.Equal("stack.unsupported", (await Compare(kind, peer, Plan with { Mailboxes = [Plan.Mailboxes[0] with { SendFrom = Plan.Addresses[0].Ip }], Aliases = [] })).Problem?.Code);
    }
}
