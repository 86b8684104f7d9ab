using System.Security.Cryptography;
using System.Text.Json;
using PenguinMails.Cli.Demo;
using PenguinMails.Modules.Tests.Fleet.Stacks;

namespace PenguinMails.Product.Tests;

/// <summary>Mail to Postfix, Exim and OpenSMTPD with Dovecot behind them, directly and through a provider's submission; what the ledger says is what lies at the far end.</summary>
[Collection("testbed"), Trait("Needs", "testbed")]
public sealed class RealPeersTests(TestbedWorld world, ITestOutputHelper output)
{
    /// <param name="State">At the end, in the ledger.</param>
    /// <param name="Laid">Messages in the recipient's mailbox.</param>
    sealed record Fate(string Address, string State, int Laid);

    static readonly Fate[] Direct =
    [
        new("u21@bigmail.com", "sent", 1), new("u22@bigmail.com", "sent", 1), new("grey@bigmail.com", "sent", 1), new("ooo@bigmail.com", "sent", 1),
        new("nobody9@bigmail.com", "bounced", 0), new("full@bigmail.com", "bounced", 0), new("late@bigmail.com", "bounced", 0), new("disabled@bigmail.com", "bounced", 0),
        new("u21@outmail.net", "sent", 1), new("ooo@outmail.net", "sent", 1), new("nobody9@outmail.net", "bounced", 0), new("full@outmail.net", "bounced", 0), new("late@outmail.net", "bounced", 0),
        new("u21@oldhost.org", "sent", 1), new("grey@oldhost.org", "sent", 1), new("nobody9@oldhost.org", "bounced", 0), new("full@oldhost.org", "bounced", 0), new("quota@oldhost.org", "bounced", 0),
        new("u21@puffy.net", "sent", 1), new("u22@puffy.net", "sent", 1), new("nobody9@puffy.net", "bounced", 0), new("full@puffy.net", "bounced", 0), new("late@puffy.net", "bounced", 0),
    ];

    // From a mailbox of their own, so that what these provoke holds nothing else up.
    static readonly Fate[] Rough =
    [
        new("blocked@bigmail.com", "bounced", 0), new("blocked@outmail.net", "bounced", 0), new("blocked@oldhost.org", "bounced", 0), new("blocked@puffy.net", "bounced", 0),
        new("tempfail@bigmail.com", "failed", 0), new("tempfail@oldhost.org", "failed", 0),
    ];

    static readonly Fate[] Submitted =
    [
        new("u31@bigmail.com", "sent", 1), new("u31@outmail.net", "sent", 1), new("u31@oldhost.org", "sent", 1), new("u31@puffy.net", "sent", 1),
        new("nobody8@bigmail.com", "bounced", 0), new("nobody8@outmail.net", "bounced", 0), new("nobody8@oldhost.org", "bounced", 0), new("nobody8@puffy.net", "bounced", 0), new("late@oldhost.org", "bounced", 0),
    ];

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 360_000)]
    public async Task The_ledger_says_of_every_recipient_what_lies_at_the_far_end()
    {
        await world.Need(Ct, "isp1", "isp2", "isp3", "isp4");
        await using var penguin = await Penguin.Start(Ct, [.. await TestbedSettings.Of(world, Ct), ("DELIVERY__ATTEMPTSMAX", "4")]);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var entrance = new Entrance(api);
        await entrance.Claim(penguin.Claim?.Split("token=")[^1] ?? "", "anna@direct-co.com", "harbour-violet-quilt-47", Ct);
        var peers = new RealPeers(world, api);
        var direct = await peers.AddDomain("direct-co.com", isDirect: true, Ct);
        Assert.Contains("Mail goes directly from here", await api.Page($"/domains/{direct}", entrance.SessionToken, Ct));
        await peers.AddDomain("hosted-co.com", isDirect: false, Ct);
        var token = $"peers{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        var campaigns = new (string Id, Fate[] Fates)[]
        {
            (await peers.Launch(await peers.Connect("anna@direct-co.com", Ct), token, Direct.Select(fate => fate.Address), Ct), Direct),
            (await peers.Launch(await peers.Connect("ben@direct-co.com", Ct), token, Rough.Select(fate => fate.Address), Ct), Rough),
            (await peers.Launch(await peers.Connect("anna@hosted-co.com", Ct), token, Submitted.Select(fate => fate.Address), Ct), Submitted),
        };
        foreach (var (id, fates) in campaigns) await Settled(api, peers, id, fates);
        foreach (var fate in campaigns.SelectMany(campaign => campaign.Fates)) Assert.True(peers.Laid(fate.Address, token).Count == fate.Laid, $"{fate.Address}: {peers.Laid(fate.Address, token).Count} messages lie there");
        Proven(peers, token);
        await Answers(api, peers, campaigns[0].Id, token);
        // What was done since is done once: nothing was sent again.
        foreach (var fate in campaigns.SelectMany(campaign => campaign.Fates)) Assert.Equal(fate.Laid, peers.Laid(fate.Address, token).Count(text => !text.Contains("In-Reply-To:")));
    }

    [Fact(Timeout = 240_000)]
    public async Task Killed_while_it_sends_directly_it_sends_nothing_twice_and_loses_nothing()
    {
        const int kills = 3;
        await world.Need(Ct, "isp1", "isp2", "isp3", "isp4");
        await using var penguin = await Penguin.Start(Ct, await TestbedSettings.Of(world, Ct));
        using var api = new Api(penguin.Web, TimeProvider.System);
        await new Entrance(api).Claim(penguin.Claim?.Split("token=")[^1] ?? "", "anna@direct-co.com", "harbour-violet-quilt-47", Ct);
        var peers = new RealPeers(world, api);
        await peers.AddDomain("direct-co.com", isDirect: true, Ct);
        var token = $"killed{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        string[] people = [.. Enumerable.Range(1, 50).SelectMany(i => new[] { "bigmail.com", "outmail.net", "oldhost.org", "puffy.net" }.Select(provider => $"u{i}@{provider}"))];
        var campaign = await peers.Launch(await peers.Connect("anna@direct-co.com", Ct), token, people, Ct);
        for (var kill = 1; kill <= kills; kill++)
        {
            await api.Until<object>("Some sent", Patience, async () => (await peers.Ledger(campaign, Ct)).Values.Count(row => row.GetProperty("state").GetString() == "sent") >= kill * 10 ? this : null, Ct);
            await penguin.Kill();
            await penguin.Launch(Ct);
        }

        Dictionary<string, JsonElement> rows = [];
        await api.Until<object>("All sent or in doubt", Patience, async () => (rows = await peers.Ledger(campaign, Ct)).Values.All(row => row.GetProperty("state").GetString() is "sent" or "in_doubt") ? this : null, Ct);
        var doubts = rows.Values.Count(row => row.GetProperty("state").GetString() == "in_doubt");
        output.WriteLine($"{rows.Count} recipients, {rows.Count - doubts} sent, {doubts} in doubt after {kills} kills");
        Assert.Equal(people.Length, rows.Count);
        Assert.InRange(doubts, 0, kills * 12); // At most three for each of four connections.
        // Who took a message may still be laying it down.
        await api.Until<object>("Laid down", Patience, () => Task.FromResult<object?>(rows.All(row => row.Value.GetProperty("state").GetString() == "in_doubt" || peers.Laid(row.Key, token).Count > 0) ? this : null), Ct);
        foreach (var (address, row) in rows) Assert.InRange(peers.Laid(address, token).Count, row.GetProperty("state").GetString() == "sent" ? 1 : 0, 1);
    }

    /// <summary>Until every row is where it must end: in the session, after attempts, or by a report that came back.</summary>
    async Task Settled(Api api, RealPeers peers, string campaign, Fate[] fates)
    {
        Dictionary<string, JsonElement> rows = [];
        try
        {
            await api.Until<object>("Every recipient accounted for", Patience, async () =>
            {
                rows = await peers.Ledger(campaign, Ct);
                return fates.All(fate => rows.TryGetValue(fate.Address, out var row) && row.GetProperty("state").GetString() == fate.State && peers.Laid(fate.Address, "").Count >= fate.Laid) ? this : null;
            }, Ct);
        }
        finally
        {
            foreach (var row in rows.Values.OrderBy(row => row.GetProperty("address").GetString()))
                output.WriteLine($"{row.GetProperty("address").GetString(),-22} {row.GetProperty("state").GetString(),-9} {row.GetProperty("attempt").GetInt32()} {row.GetProperty("smtp_code")} {row.GetProperty("smtp_text")} {row.GetProperty("bounce_class")} {row.GetProperty("bounce_category")}");
        }

        Assert.Equal(fates.Length, rows.Count);
    }

    /// <summary>What the receivers themselves found of the origin.</summary>
    static void Proven(RealPeers peers, string token)
    {
        foreach (var address in new[] { "u21@bigmail.com", "u21@outmail.net", "u31@outmail.net", "u21@oldhost.org" })
        {
            var mail = Assert.Single(peers.Laid(address, token));
            var results = string.Join('\n', mail.Split("\r\n\r\n")[0].Split("\n\n")[0].Replace("\n\t", " ").Replace("\n ", " ").Split('\n').Where(line => line.StartsWith("Authentication-Results:", StringComparison.OrdinalIgnoreCase)));
            string[] expected = address.EndsWith("oldhost.org", StringComparison.Ordinal) ? ["dkim=pass"] : ["dkim=pass", "dmarc=pass", "spf=pass"]; // This Exim is built without SPF and DMARC.
            Assert.Equal(expected, FleetRun.Marks(results).Order());
        }

        // Rspamd looked at it and found nothing to file away.
        var judged = Assert.Single(peers.Laid("u21@bigmail.com", token));
        Assert.Contains("X-Spamd-Result: default: False", judged);
        Assert.Contains("with ESMTPS", judged);
    }

    /// <summary>An answer and an absence notice come into the mailbox at its provider, are read over IMAP and stand on their rows.</summary>
    async Task Answers(Api api, RealPeers peers, string campaign, string token)
    {
        var outside = new Outside(Path.Combine(Penguin.Root, "tests/testbed"));
        await outside.Act(Ct, "reply", "u22@bigmail.com", token, "Yes please, on Tuesday.");
        await outside.Act(Ct, "away", "ooo@outmail.net", token);
        await api.Until<object>("Answers on the ledger", Patience, async () =>
        {
            var rows = await peers.Ledger(campaign, Ct);
            return rows["u22@bigmail.com"].GetProperty("replied_at").ValueKind == JsonValueKind.String && rows["ooo@outmail.net"].GetProperty("auto_replied_at").ValueKind == JsonValueKind.String ? this : null;
        }, Ct);
        Assert.Equal(JsonValueKind.Null, (await peers.Ledger(campaign, Ct))["ooo@outmail.net"].GetProperty("replied_at").ValueKind);
    }
}
