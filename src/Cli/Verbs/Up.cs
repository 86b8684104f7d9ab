using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Accounts;
using PenguinMails.Accounts.Users;
using PenguinMails.Core.Db;

namespace PenguinMails.Cli.Verbs;

/// <summary>Everything in one process, until Ctrl-C.</summary>
static class Up
{
    public static Command Command()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON line when ready." };
        var command = new Command("up", "Start everything on this machine: web, worker and edge. Ctrl-C stops it cleanly.") { json };
        command.SetAction((parsed, ct) => Serve.Start(Roles.Web | Roles.Worker | Roles.Edge, parsed.GetValue(json), ct));
        return command;
    }
}

/// <summary>The same program split over machines.</summary>
static class Run
{
    public static Command Command()
    {
        var roles = new Option<string>("--roles") { Description = "web, worker, edge, sandbox; separated by commas.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON line when ready." };
        var command = new Command("run", "Start only some roles, to spread the program over machines that share one database.") { roles, json };
        command.SetAction((parsed, ct) => Serve.Start(Settings.ParseRoles(parsed.GetValue(roles) ?? ""), parsed.GetValue(json), ct));
        return command;
    }
}

/// <summary>Starts a host and says where it is.</summary>
static class Serve
{
    public static async Task<int> Start(Roles roles, bool json, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var configuration = Host.Configuration();
        var settings = Settings.Read(configuration, roles);
        await using var installation = await Installation.Open(settings, configuration, ct);
        await using var app = Host.Build(settings, configuration, installation);
        await app.StartAsync(ct);
        var token = settings.Roles.HasFlag(Roles.Web) ? await ClaimLink.Ensure(app.Services.GetRequiredService<TenantDb>(), TimeProvider.System, ct) : null;
        var claim = token is null ? null : app.Services.GetRequiredService<PublicWeb>().Link("claim", token);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Console.Out.WriteLineAsync(json ? Ready.Json(settings, claim, seconds) : Ready.Text(settings, claim, seconds));
        await app.WaitForShutdownAsync(ct);
        return 0;
    }
}
