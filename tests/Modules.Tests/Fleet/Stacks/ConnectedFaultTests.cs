using System.Net;
using PenguinMails.Core;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Fleet.Stacks.Connected;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>A change is broken off at every request that changes something, in every way; the next run ends where an undisturbed one does.</summary>
public sealed class ConnectedFaultTests
{
    static readonly string SecondKey = StackExample.NewKey(1024);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Faults => new(from kind in new[] { "mailu", "registry", "rest" } from fault in StackPeer.Faults select (kind, fault));

    static StackPeer Peer(string kind)
    {
        StackPeer peer = kind switch { "mailu" => new MailuPeer(), "registry" => new StalwartRegistryPeer(), _ => new StalwartRestPeer() };
        peer.AddForeign("other.test", "ann");
        return peer;
    }

    static StackPlan First => new("mail.example.com", [new(IPAddress.Parse("203.0.113.10"), "mail.example.com")],
        [new("example.com", [new("s1", StackExample.Key)]), new("gone.test", [])],
        [new("alice@example.com", ["correct horse"], 1_000_000, 40, null), new("bob@gone.test", ["tr0ub4dor"], 0, 20, null)],
        [new("info@example.com", ["alice@example.com"])], new StackCertificate.SelfSigned());

    static StackPlan Second => First with
    {
        Domains = [new("example.com", [new("s2", SecondKey)])],
        Mailboxes = [new("alice@example.com", ["another horse"], 2_000_000, 40, null), new("dora@example.com", ["a fresh one"], 0, 20, null)],
        Aliases = [new("hello@example.com", ["dora@example.com"])],
    };

    static async Task<Result<StackChanges>> Apply(string kind, StackPeer peer, StackPlan plan)
    {
        using var api = kind == "mailu" ? await peer.Open("mailu", "1") : await peer.Open("stalwart", kind == "registry" ? StackApis.Registry : StackApis.Rest);
        return await new ConnectedStack(api, StackPeer.Marks, TimeProvider.System).Apply(plan, _ => ValueTask.CompletedTask, Ct);
    }

    [Theory, MemberData(nameof(Faults))]
    public async Task Broken_off_anywhere_the_next_run_ends_in_the_same_state(string kind, string fault)
    {
        var (wanted, first, last) = await Undisturbed(kind);
        for (var at = first + 1; at <= last; at++)
        {
            // A connection cut is tried at each; the others at every third, each at different ones, so that together they are at each twice.
            if (fault != "after_cut" && at % 3 != Array.IndexOf(StackPeer.Faults, fault) % 3) continue;
            await using var peer = Peer(kind);
            Assert.True((await Apply(kind, peer, First)).IsOk);
            (peer.Fault, peer.FaultAt) = (fault, at);
            var broken = await Apply(kind, peer, Second);
            if (fault == "before_429") Assert.True(broken.IsOk, $"{at}: {broken.Problem?.Detail}"); // Waited for.
            else Assert.Equal(Code(fault), broken.Problem?.Code);
            Assert.DoesNotContain(StackPeer.Token, broken.Problem?.Detail ?? "");
            Assert.DoesNotContain("horse", broken.Problem?.Detail ?? "");

            Assert.True((await Apply(kind, peer, Second)).IsOk, $"{fault} at {at}");
            Assert.Equal(wanted, Comparable(peer.State));
            Assert.True((await Apply(kind, peer, Second)).Value.IsNothing, $"{fault} at {at}");
            Assert.Equal((true, true, false), (peer.LetsIn("alice@example.com", "another horse"), peer.LetsIn("dora@example.com", "a fresh one"), peer.LetsIn("alice@example.com", "correct horse")));
            Assert.True(peer.LetsIn("ann@other.test", "theirs"));
            if (peer is StalwartRestPeer rest) Assert.Equal(rest.Settings.AsEnumerable(), rest.Active.OrderBy(one => one.Key, StringComparer.Ordinal));
        }
    }

    static async Task<(string State, int First, int Last)> Undisturbed(string kind)
    {
        await using var peer = Peer(kind);
        Assert.True((await Apply(kind, peer, First)).IsOk);
        var first = peer.Changes;
        Assert.True((await Apply(kind, peer, Second)).IsOk);
        Assert.True(peer.Changes - first > 5, $"{peer.Changes - first} requests");
        return (Comparable(peer.State), first, peer.Changes);
    }

    static string Comparable(string state) => string.Join('\n', state.Split('\n').Order(StringComparer.Ordinal));

    static string Code(string fault) => fault switch
    {
        "before_500" or "after_500" => "stack.host_failed",
        "after_silence" => "stack.host_silent",
        "before_401" => "stack.credential_refused",
        _ => "stack.host_unreachable",
    };

    [Fact]
    public async Task A_long_wait_ends_the_run_and_is_told()
    {
        await using var peer = new MailuPeer();
        (peer.Fault, peer.FaultAt) = ("before_429", 1);
        peer.RetryAfter = "3000";
        var refused = (await Apply("mailu", peer, First)).Problem;
        Assert.Equal(("stack.host_busy", 3000), (refused?.Code, refused?.RetryAfterSeconds));
    }
}
