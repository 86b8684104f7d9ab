using System.Text.Json.Nodes;
using PenguinMails.Fleet.Stacks;
using static PenguinMails.Modules.Tests.Fleet.Stacks.ConnectedRun;

namespace PenguinMails.Modules.Tests.Fleet.Stacks;

/// <summary>What one mail server can do and another cannot.</summary>
public sealed class ConnectedAbilityTests
{
    static readonly string SecondKey = StackExample.NewKey(1024);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

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

    [Fact]
    public async Task Queue_and_log_of_Stalwart_are_read_in_both_ways_oldest_first()
    {
        await using var registry = new StalwartRegistryPeer();
        registry.Put("QueuedMessage", JsonNode.Parse("""{"returnPath":"a@example.com","size":2048,"createdAt":"2026-03-02T09:00:00Z","recipients":{"x@elsewhere.test":{"status":{"@type":"TemporaryFailure","responseCode":450,"responseMessage":"try later"}}}}""")!.AsObject());
        registry.Put("Log", JsonNode.Parse("""{"timestamp":"2026-03-02T09:00:01Z","level":"info","event":"delivery.attempt-start","details":"to x"}""")!.AsObject());
        registry.Log.Add(new JsonObject());
        using var newer = await Open("registry", registry);
        var mail = Assert.Single((await newer.Queue(Ct)).Value);
        Assert.Equal(("a@example.com", "x@elsewhere.test", 2048L, "450 try later"), (mail.Sender, mail.Recipients[0], mail.Bytes, mail.Reason));
        Assert.Equal(["2026-03-02T09:00:01Z info delivery.attempt-start to x"], (await newer.Log(10, Ct)).Value);

        await using var rest = new StalwartRestPeer();
        rest.Queue.Add(JsonNode.Parse("""{"id":18446744073709551615,"return_path":"a@example.com","created":"2026-03-02T09:00:00Z","size":10,"recipients":[{"address":"x@elsewhere.test","status":{"temp_fail":"450 try later"}}]}"""));
        rest.Queue.Add(JsonNode.Parse("""{"id":2,"return_path":"","created":"2026-03-02T08:00:00Z","size":10,"domains":[{"name":"elsewhere.test","status":"scheduled","recipients":[{"address":"y@elsewhere.test","status":"scheduled"}]}]}"""));
        rest.Log.Add(JsonNode.Parse("""{"timestamp":"2","level":"INFO","event":"Newer","event_id":"b","details":""}"""));
        rest.Log.Add(JsonNode.Parse("""{"timestamp":"1","level":"INFO","event":"Older","event_id":"a","details":"x"}"""));
        using var older = await Open("rest", rest);
        var waiting = (await older.Queue(Ct)).Value;
        Assert.Equal([("", "y@elsewhere.test", null), ("a@example.com", "x@elsewhere.test", "450 try later")], waiting.Select(one => (one.Sender, one.Recipients[0], one.Reason)));
        Assert.Equal(["1 INFO Older x", "2 INFO Newer"], (await older.Log(10, Ct)).Value);
    }
}
