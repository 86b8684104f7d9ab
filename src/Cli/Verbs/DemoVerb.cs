using System.CommandLine;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Cli.Verbs;

/// <summary>The main job from end to end with nothing outside this machine.</summary>
static class DemoVerb
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Command Command()
    {
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON." };
        var keep = new Option<bool>("--keep") { Description = "Leave the program running afterwards, to look around." };
        var samples = new Option<DirectoryInfo>("--samples") { Description = "Folder of contacts.csv.", DefaultValueFactory = _ => new DirectoryInfo("samples") };
        var command = new Command("demo", "Run the whole job once: sign up, domain, mailboxes, import, campaign, send, and everything that comes back.") { json, keep, samples, FleetDemoVerb.Command() };
        command.SetAction((parsed, ct) => Run(parsed.GetValue(json), parsed.GetValue(keep), parsed.GetValue(samples)?.FullName ?? "samples", ct));
        return command;
    }

    static async Task<int> Run(bool json, bool keep, string samples, CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(samples, "contacts.csv"))) throw new InvalidOperationException($"{samples} has no contacts.csv. Run the demo in the project's folder, or give --samples.");
        var folder = Directory.CreateTempSubdirectory("penguin-demo-").FullName;
        var configuration = Host.Configuration(new Dictionary<string, string?>
        {
            ["Data:Folder"] = folder, ["Web:Listen"] = "127.0.0.1:0", ["Edge:Listen"] = "127.0.0.1:0", ["Sandbox:Smtp"] = "127.0.0.1:0", ["Sandbox:Dns"] = "127.0.0.1:0",
            ["Hosts:WebUrl"] = null, ["Delivery:RetrySeconds"] = "1", ["Delivery:VisitSoonSeconds"] = "0", ["Delivery:VisitSettleSeconds"] = "2", ["Delivery:LeaseSeconds"] = "15", ["Environment"] = "development",
        });
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var settings = Settings.Read(configuration, Roles.Web | Roles.Worker | Roles.Edge | Roles.Sandbox);
        Action<string> say = json ? _ => { } : line => Console.WriteLine("  " + line);
        try
        {
            await using var installation = await Installation.Open(settings, configuration, ct);
            await using var app = Host.Build(settings, configuration, installation);
            await app.StartAsync(ct);
            say($"started on {settings.WebUrl}, data in {folder}");
            var report = await Play(settings, samples, say, ct);
            await Console.Out.WriteLineAsync(json ? Core.Json.Write(report) : Summary(report));
            if (keep) await Keep(settings, app, ct);
            return report.IsWhole ? 0 : 1;
        }
        catch (DemoFailed failed)
        {
            await Console.Error.WriteLineAsync("penguin demo: " + failed.Message);
            return 1;
        }
        finally
        {
            if (!keep) Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<DemoReport> Play(Settings settings, string samples, Action<string> say, CancellationToken ct)
    {
        using var api = new Api(settings.WebUrl, TimeProvider.System);
        var run = new DemoRun(api, samples, settings.SandboxSmtp.Port, say);
        await run.Prepare(ct);
        await run.Launch(ct);
        var verdict = new DemoVerdict(api, run.CampaignId, Path.Combine(settings.DataFolder, "sandbox", "journal.jsonl"));
        await verdict.Settle(Patience, wasKilled: false, ct);
        return await verdict.Judge(await api.Page($"/campaigns/{run.CampaignId}", run.SessionToken, ct), wasKilled: false, ct);
    }

    static async Task Keep(Settings settings, WebApplication app, CancellationToken ct)
    {
        await Console.Out.WriteLineAsync($"Still running: {settings.WebUrl} (olivia@northwind.example, password harbour-violet-quilt-47). Ctrl-C stops it; the data stays in {settings.DataFolder}.");
        await app.WaitForShutdownAsync(ct);
    }

    static string Summary(DemoReport report) => string.Create(CultureInfo.InvariantCulture, $"""

        {report.Recipients} recipients, each mailed at most once; {report.Excluded} left out (suppressed, role or private mailboxes).
          sent {report.Sent}   bounced {report.Bounced}   failed {report.Failed}   dropped {report.Dropped}   in doubt {report.InDoubt}
          replied {report.Replied}   out of office {report.AutoReplied}   complained {report.Complained}   unsubscribed {report.Unsubscribed}   clicked {report.Clicked}
        {(report.IsWhole ? "The ledger, the counts, the page and the sandbox's own journal agree." : "These do not agree:\n  " + string.Join("\n  ", report.Faults))}
        """);
}
