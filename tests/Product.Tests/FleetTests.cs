using System.Net.Http.Json;
using System.Text.Json;
using PenguinMails.Cli.Demo;
using PenguinMails.Modules.Tests.Fleet.Stacks;

namespace PenguinMails.Product.Tests;

/// <summary>From a bare machine to mail in three inboxes and an answer, while the program is killed again and again.</summary>
[Collection("testbed"), Trait("Needs", "testbed")]
public sealed class FleetTests(TestbedWorld world, ITestOutputHelper output)
{
    const int KillsWanted = 30;

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 1_500_000)]
    public async Task A_bare_machine_becomes_a_mail_server_through_thirty_kills()
    {
        await world.Virgin("vps1", Ct);
        await world.Virgin("vps2", Ct);
        await world.Need(Ct, "isp1", "isp2", "isp3", "acme");
        await using var penguin = await Penguin.Start(Ct, await TestbedSettings.Of(world, Ct));
        using var api = new Api(penguin.Web, TimeProvider.System);
        var run = new FleetRun(api, new Outside(Path.Combine(Penguin.Root, "tests/testbed")), output.WriteLine);
        await run.Claim(penguin.Claim?.Split("token=")[^1] ?? "", Ct);
        var guide = new GuideWalk(world, penguin, run, output.WriteLine);
        await guide.BringYourOwnServer(Ct);
        var first = await guide.FirstDomain(Ct);
        var killer = new Killer(penguin, api, world, output);
        await killer.Follow(FleetRun.Domain, $"/api/v1/provisionings/{first}", "ready", () => run.Look(first, FleetRun.Domain, Ct), Ct);
        var second = (await run.BeginSecond(SmallInternet.TsigSecret(new DirectoryInfo(world.State)), Ct)).GetProperty("id").GetString() ?? "";
        await killer.Follow(FleetRun.SecondDomain, $"/api/v1/provisionings/{second}", "ready", () => run.Look(second, FleetRun.SecondDomain, Ct), Ct);

        await NothingIsDoubled(run, api);
        await run.Correspond(Ct);
        foreach (var person in new[] { "u12@bigmail.com", "u12@outmail.net" })
            Assert.Equal(["dkim=pass", "dmarc=pass", "spf=pass"], FleetRun.Marks(run.Results[person]).Order());
        Assert.Equal(["dkim=pass"], FleetRun.Marks(run.Results["u12@oldhost.org"])); // This Exim is built without SPF and DMARC.
        Assert.Equal("u12@bigmail.com", run.Results["reply"]);
        Assert.True(await run.RotateUnderLoad(Ct) >= 5);
        await LeaveTheServer(run, api, penguin, killer);
        Assert.True(killer.Kills >= KillsWanted, $"{killer.Kills} kills");
    }

    /// <summary>The runbook, to the letter, between two machines; killed at each step as well.</summary>
    async Task LeaveTheServer(FleetRun run, Api api, Penguin penguin, Killer killer)
    {
        var migration = new MigrationRun(api, new Outside(Path.Combine(Penguin.Root, "tests/testbed")), output.WriteLine);
        await migration.AddServer(Ct);
        var runbook = new Runbook("docs/runbook/abandon-a-server.md", output.WriteLine);
        var names = new List<(string, string)> { ("mail.example.com", FleetRun.HostName), ("mail2.example.com", MigrationRun.HostName), ("ten_ACCOUNT", run.Entrance.AccountId) };
        Task<string> Do(string block) => runbook.Follow(block, penguin.Settings, names, Ct);
        Assert.Contains(MigrationRun.HostName, await Do("list"));
        var id = (await Do("begin")).Split().First(word => word.StartsWith("smg_", StringComparison.Ordinal));
        names.Add(("smg_MIGRATION", id));
        await world.Script("vps.sh", Ct, "ssh", "vps1", "postqueue", "-f");
        var before = killer.Kills;
        await killer.Follow(MigrationRun.Name, $"/api/v1/server-migrations/{id}", "done", () => migration.Look(id, Ct), Ct);
        Assert.True(killer.Kills - before >= 6, $"{killer.Kills - before} kills");
        Assert.Contains($"{id} is done", await Do("follow"));
        await migration.Prove(run, Ct);

        var sets = await Zone();
        Assert.DoesNotContain($"{FleetRun.HostName}. A", sets.Keys);
        Assert.Equal([MigrationRun.Address], sets[$"{MigrationRun.HostName}. A"]);
        Assert.Equal([$"10 {MigrationRun.HostName}."], sets[$"{FleetRun.Domain}. MX"]);
        Assert.Equal([$"\"v=spf1 ip4:{MigrationRun.Address} ~all\""], sets[$"{FleetRun.Domain}. TXT"]);
        Assert.Equal(12, sets.Count);
    }

    /// <summary>What stands in the rows, in the zones and on the machine is what one undisturbed walk leaves.</summary>
    static async Task NothingIsDoubled(FleetRun run, Api api)
    {
        Assert.Equal([FleetRun.SecondDomain, FleetRun.Domain], (await api.All("/api/v1/domains", Ct)).Select(domain => domain.GetProperty("name").GetString()).Order());
        Assert.Equal([$"anna@{FleetRun.SecondDomain}", $"olivia@{FleetRun.Domain}", $"peter@{FleetRun.Domain}"], (await api.All("/api/v1/mailboxes", Ct)).Select(mailbox => mailbox.GetProperty("address").GetString()).Order());
        Assert.Empty((await api.Get($"/api/v1/servers/{run.ServerId}/changes", Ct)).GetProperty("items").EnumerateArray());
        // A test mail that was sent while nobody was here to take it may still wait; nothing else may.
        Assert.All((await api.Get($"/api/v1/servers/{run.ServerId}/queue", Ct)).EnumerateArray().SelectMany(mail => mail.GetProperty("recipients").EnumerateArray()), recipient => Assert.EndsWith("@mail.platform-host.io", recipient.GetString()));

        var sets = await Zone();
        Assert.All(sets.Where(set => !set.Key.EndsWith(" NS", StringComparison.Ordinal)), set => Assert.True(set.Value.Length == 1, $"{set.Key}: {set.Value.Length} records"));
        Assert.Equal(12, sets.Count); // SOA and NS, and ten of ours.
    }

    /// <summary>What stands in the first domain's zone, as its DNS host says: "name. TYPE" and the contents.</summary>
    static async Task<Dictionary<string, string[]>> Zone()
    {
        using var http = new HttpClient { DefaultRequestHeaders = { { "X-API-Key", "testbed-pdns-key" } } };
        var zone = await http.GetFromJsonAsync<JsonElement>($"http://198.18.0.54:8081/api/v1/servers/localhost/zones/{FleetRun.Domain}.", Ct);
        return zone.GetProperty("rrsets").EnumerateArray().ToDictionary(
            set => $"{set.GetProperty("name").GetString()} {set.GetProperty("type").GetString()}", set => set.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("content").GetString() ?? "").ToArray());
    }

    /// <summary>Kills the program at each look, wherever the walk is: up to twenty times while the mail server is installed, up to four times in every other step, once in each of the migration.</summary>
    sealed class Killer(Penguin penguin, Api api, TestbedWorld world, ITestOutputHelper output)
    {
        const int KillsAtInstallation = 20, KillsAtStep = 4, KillsAtMoving = 1;
        static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

        readonly Dictionary<string, int> _atStep = [];
        readonly Random _random = new(Environment.TickCount);

        public int Kills => _atStep.Values.Sum();

        /// <param name="what">A domain, or the migration.</param>
        /// <param name="path">Where its current step is read.</param>
        /// <param name="look">Does what people outside are asked for; says the state.</param>
        public async Task Follow(string what, string path, string end, Func<Task<string>> look, CancellationToken ct)
        {
            await api.Until<object>($"{what} {end}", Patience, async () =>
            {
                if (await look() == end) return this;
                if ((await api.Get(path, ct)).GetProperty("current") is { ValueKind: JsonValueKind.Object } step) await Kill(what, step, ct);
                return null;
            }, ct);
        }

        async Task Kill(string what, JsonElement step, CancellationToken ct)
        {
            var name = step.GetProperty("name").GetString() ?? "";
            var sofar = _atStep.GetValueOrDefault($"{what} {name}");
            if (sofar >= (what == MigrationRun.Name ? KillsAtMoving : name == "stack" ? KillsAtInstallation : KillsAtStep)) return;
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(300)), TimeProvider.System, ct);
            await penguin.Kill();
            _atStep[$"{what} {name}"] = sofar + 1;
            output.WriteLine($"kill {Kills} at {name} {step.GetProperty("state").GetString()} {step.GetProperty("note").GetString()}");
            await penguin.Launch(ct);
            // What the server could not hand over while nobody was here would wait for its next round, 5 minutes.
            if (name == "test_mail") await world.Script("vps.sh", ct, "ssh", what == MigrationRun.Name ? "vps2" : "vps1", "postqueue", "-f");
        }
    }
}
