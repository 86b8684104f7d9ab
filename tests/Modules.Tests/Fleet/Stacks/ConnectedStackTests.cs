using System.Net;
using System.Text.Json.Nodes;
using PenguinMails.Core;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>Mail servers that somebody else runs: each test against all three ways of speaking to one.</summary>
public sealed class ConnectedStackTests
{
    static readonly string SecondKey = StackExample.NewKey(1024);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> All => ["mailu", "registry", "rest"];

    static StackPeer Peer(string kind) => kind switch { "mailu" => new MailuPeer(), "registry" => new StalwartRegistryPeer(), _ => new StalwartRestPeer() };

    static Task<IStackApi> Open(string kind, StackPeer peer) => kind == "mailu" ? peer.Open("mailu", "1") : peer.Open("stalwart", kind == "registry" ? StackApis.Registry : StackApis.Rest);

    static StackPlan Plan => new("mail.example.com", [new(IPAddress.Parse("203.0.113.10"), "mail.example.com")],
        [new("example.com", [new("s1", StackExample.Key)]), new("example.org", [new("s1", StackExample.Key)])],
        [new("alice@example.com", ["correct horse"], 1_000_000_000, 40, null), new("bob@example.com", ["tr0ub4dor"], 0, 20, null), new("carol@example.org", ["zebra: 'crossing' \"$x\""], 5_000_000, 10, null)],
        [new("info@example.com", ["alice@example.com", "bob@example.com"])], new StackCertificate.SelfSigned());

    static async Task<Result<StackChanges>> Apply(string kind, StackPeer peer, StackPlan plan)
    {
        using var api = await Open(kind, peer);
        return await new ConnectedStack(api, StackPeer.Marks, TimeProvider.System).Apply(plan, _ => ValueTask.CompletedTask, Ct);
    }

    static async Task<Result<StackChanges>> Compare(string kind, StackPeer peer, StackPlan plan)
    {
        using var api = await Open(kind, peer);
        return await new ConnectedStack(api, StackPeer.Marks, TimeProvider.System).Compare(plan, Ct);
    }

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

    [Theory, InlineData("registry"), InlineData("rest")]
    public async Task Keys_rotate_and_the_old_one_goes_only_when_the_new_one_stands(string kind)
    {
        await using var peer = Peer(kind);
        Assert.True((await Apply(kind, peer, Plan)).IsOk);
        var next = Plan with { Domains = [new("example.com", [new("s2", SecondKey)]), Plan.Domains[1]] };
        var before = peer.Asked.Count;
        var changes = (await Apply(kind, peer, next)).Value;
        Assert.Contains(changes.Items, change => change is { Kind: "dkim", Name: "s2._domainkey.example.com", Action: StackAction.Add });
        var asked = peer.Asked.Skip(before).ToList();
        Assert.True(asked.FindIndex(one => one.Contains("s2", StringComparison.Ordinal) && one.Contains("PRIVATE KEY", StringComparison.Ordinal)) is var put and >= 0 && asked.FindIndex(put, one => one.Contains("destroy", StringComparison.Ordinal)) is var drop && (kind == "rest" || drop > put));
        Assert.True((await Compare(kind, peer, next)).Value.IsNothing);
        if (peer is StalwartRestPeer rest) Assert.Equal(("s2", "s2"), (rest.Settings["signature.rsa-example.com.selector"], rest.Active["signature.rsa-example.com.selector"]));
    }

    [Fact]
    public async Task A_private_key_is_given_as_later_releases_want_it()
    {
        await using var peer = new StalwartRegistryPeer { KeyKind = "Value" };
        Assert.True((await Apply("registry", peer, Plan)).IsOk);
        Assert.Equal(2, peer.Kinds["DkimSignature"].Count);
        Assert.True(peer.Reloads > 0);
    }

    [Fact]
    public async Task A_key_of_somebody_else_under_our_selector_is_refused()
    {
        await using var peer = new StalwartRegistryPeer();
        peer.AddForeign("example.com", "ann", StackPeer.Marks.Plain);
        peer.Put("DkimSignature", new JsonObject { ["domainId"] = peer.Kinds["Domain"].Keys.Single(), ["selector"] = "s1", ["privateKey"] = new JsonObject { ["secret"] = SecondKey } });
        Assert.Equal("stack.key_foreign", (await Apply("registry", peer, Plan)).Problem?.Code);
    }

    [Fact]
    public async Task The_one_signature_of_an_old_Stalwart_is_left_to_its_owner()
    {
        await using var peer = new StalwartRestPeer();
        peer.AddForeign("example.com", "ann", StackPeer.Marks.Plain);
        (peer.Settings["signature.rsa-example.com.private-key"], peer.Settings["signature.rsa-example.com.selector"]) = ("%{file:/etc/dkim.pem}%", "theirs");
        var done = (await Apply("rest", peer, Plan)).Value;
        Assert.Contains(done.Notes, note => note.Contains("(theirs)", StringComparison.Ordinal));
        Assert.Equal("theirs", peer.Settings["signature.rsa-example.com.selector"]);
    }

    [Fact]
    public async Task Several_passwords_are_all_accepted_where_the_server_can_and_named_where_not()
    {
        var plan = Plan with { Mailboxes = [new("alice@example.com", ["first password", "second password"], 0, 40, null)], Aliases = [] };
        await using var rest = new StalwartRestPeer();
        Assert.Empty((await Apply("rest", rest, plan)).Value.Notes);
        Assert.True(rest.LetsIn("alice@example.com", "first password") && rest.LetsIn("alice@example.com", "second password"));
        Assert.DoesNotContain("first password", rest.State);
        foreach (var kind in new[] { "mailu", "registry" })
        {
            await using var peer = Peer(kind);
            Assert.Contains((await Apply(kind, peer, plan)).Value.Notes, note => note.Contains("one password a mailbox", StringComparison.Ordinal));
            Assert.Equal((true, false), (peer.LetsIn("alice@example.com", "first password"), peer.LetsIn("alice@example.com", "second password")));
        }
    }

    [Fact]
    public async Task What_Mailu_cannot_do_is_refused_or_said()
    {
        await using var peer = new MailuPeer();
        var plan = Plan with { Aliases = [new("info@example.com", ["someone@elsewhere.test"])] };
        Assert.Equal("stack.unsupported", (await Apply("mailu", peer, plan)).Problem?.Code);
        Assert.Equal(0, peer.Changes);
        var notes = (await Apply("mailu", peer, Plan)).Value.Notes;
        Assert.Contains(notes, note => note.Contains("DKIM", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("limit", StringComparison.Ordinal));
        using var api = await Open("mailu", peer);
        Assert.Equal("stack.unsupported", (await api.Queue(Ct)).Problem?.Code);
        Assert.Equal("stack.unsupported", (await api.Log(10, Ct)).Problem?.Code);
        Assert.DoesNotContain(peer.Asked, asked => asked.Contains("/dkim", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Mail_bound_to_an_address_is_refused(string kind)
    {
        await using var peer = Peer(kind);
        Assert.Equal("stack.unsupported", (await Compare(kind, peer, Plan with { Mailboxes = [Plan.Mailboxes[0] with { SendFrom = Plan.Addresses[0].Ip }], Aliases = [] })).Problem?.Code);
    }
}
