using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Accounts.Users;
using PenguinMails.Cli.Demo;
using PenguinMails.Core.Db;

namespace PenguinMails.Cli.Verbs;

/// <summary>From a bare machine to mail in three inboxes, in the small internet of tests/testbed, which must be up.</summary>
static class FleetDemoVerb
{
    sealed record Report(IReadOnlyList<StepTime> Steps, double Seconds, IReadOnlyDictionary<string, string> Results);

    public static Command Command()
    {
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON." };
        var keep = new Option<bool>("--keep") { Description = "Leave the program running afterwards, to look around." };
        var testbed = new Option<DirectoryInfo>("--testbed") { Description = "Folder of person.sh.", DefaultValueFactory = _ => new DirectoryInfo("tests/testbed") };
        var state = new Option<DirectoryInfo>("--state") { Description = "Folder where the small internet keeps its keys.", DefaultValueFactory = _ => new DirectoryInfo("artifacts/testbed") };
        var command = new Command("fleet", "Set up a domain from nothing: bare machine, mail server, DNS, mailboxes, mail that arrives and an answer. ./penguin demo fleet starts what it needs.") { json, keep, testbed, state };
        command.SetAction((parsed, ct) => Run(parsed.GetValue(json), parsed.GetValue(keep), parsed.GetRequiredValue(testbed), parsed.GetRequiredValue(state), ct));
        return command;
    }

    static async Task<int> Run(bool json, bool keep, DirectoryInfo testbed, DirectoryInfo state, CancellationToken ct)
    {
        if (!File.Exists(Path.Combine(testbed.FullName, "person.sh"))) throw new InvalidOperationException($"{testbed} has no person.sh. Run ./penguin demo fleet in the project's folder.");
        var folder = Directory.CreateTempSubdirectory("penguin-fleet-").FullName;
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var configuration = Host.Configuration(SmallInternet.Configuration(folder));
        var settings = Settings.Read(configuration, Roles.Web | Roles.Worker | Roles.Edge);
        Action<string> say = json ? _ => { } : line => Console.WriteLine("  " + line);
        try
        {
            await using var installation = await Installation.Open(settings, configuration, ct);
            await using var app = Host.Build(settings, configuration, installation);
            await app.StartAsync(ct);
            var claim = await ClaimLink.Ensure(app.Services.GetRequiredService<TenantDb>(), TimeProvider.System, ct) ?? throw new DemoFailed("A new installation prints a link, and this one did not.");
            var report = await Play(settings, new Outside(testbed.FullName), claim, SmallInternet.TsigSecret(state), say, ct);
            await Console.Out.WriteLineAsync(json ? Core.Json.Write(report) : Summary(report));
            if (keep)
            {
                await Console.Out.WriteLineAsync($"Still running: {settings.WebUrl} (olivia@northwind.example, password harbour-violet-quilt-47). Ctrl-C stops it.");
                await app.WaitForShutdownAsync(ct);
            }
            else
            {
                await app.StopAsync(ct); // What is at work ends before its parts are taken away.
            }

            return 0;
        }
        catch (DemoFailed failed)
        {
            await Console.Error.WriteLineAsync("penguin demo fleet: " + failed.Message);
            return 1;
        }
        finally
        {
            if (!keep) Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<Report> Play(Settings settings, Outside outside, string claim, string tsigSecret, Action<string> say, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var api = new Api(settings.WebUrl, TimeProvider.System);
        var run = new FleetRun(api, outside, say);
        await run.Claim(claim, ct);
        await run.AddServer(ct);
        var first = await run.Begin(ct);
        await run.Follow(first.GetProperty("id").GetString() ?? "", FleetRun.Domain, ct);
        var second = await run.BeginSecond(tsigSecret, ct);
        await run.Follow(second.GetProperty("id").GetString() ?? "", FleetRun.SecondDomain, ct);
        await run.Correspond(ct);
        await run.RotateUnderLoad(ct);
        var migration = new MigrationRun(api, outside, say);
        await migration.AddServer(ct);
        await migration.Follow(await migration.Begin(run.ServerId, ct), ct);
        await migration.Prove(run, ct);
        return new Report([.. run.Times, .. migration.Times], TimeProvider.System.GetElapsedTime(started).TotalSeconds, run.Results);
    }

    static string Summary(Report report) => string.Create(CultureInfo.InvariantCulture, $"""

          step         {FleetRun.Domain,-16} {FleetRun.SecondDomain,-16} (seconds of our own time; waiting for people in brackets)
        {string.Join('\n', report.Steps.Where(step => step.Domain != MigrationRun.Name).Select(step => step.Step).Distinct().Select(step => $"  {step,-12} {Cell(report, FleetRun.Domain, step),-16} {Cell(report, FleetRun.SecondDomain, step)}"))}

          server migrate (the same two domains go to another bare machine)
        {string.Join('\n', report.Steps.Where(step => step.Domain == MigrationRun.Name).Select(step => $"  {step.Step,-12} {Cell(report, MigrationRun.Name, step.Step)}"))}
          whole run {report.Seconds:F0} s
        """);

    static string Cell(Report report, string domain, string name) => report.Steps.FirstOrDefault(step => step.Domain == domain && step.Step == name) is { } step
        ? string.Create(CultureInfo.InvariantCulture, $"{step.PlatformSeconds:F1}{(step.CustomerSeconds >= 0.1 ? $" [{step.CustomerSeconds:F1}]" : "")}")
        : "";
}
