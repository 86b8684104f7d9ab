using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Users;
using PenguinMails.Cli;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Bench;

/// <summary>The whole program on a fresh, durable private cluster, with one account and an API key.</summary>
sealed class Stage : IAsyncDisposable
{
    readonly Installation _installation;
    readonly string _folder;

    readonly IConfiguration _configuration;

    Stage(Installation installation, WebApplication app, Settings settings, IConfiguration configuration, string folder) =>
        (_installation, App, Settings, _configuration, _folder) = (installation, app, settings, configuration, folder);

    public WebApplication App { get; }
    public Settings Settings { get; }
    public TenantDb Db => App.Services.GetRequiredService<TenantDb>();
    public string DataFolder => _folder;
    public Database Database => _installation.Database;
    public TenantId Tenant { get; private set; }
    public WorkspaceId Workspace { get; private set; }
    public Actor Actor => Actor.System(Tenant, Workspace);
    public string Key { get; private set; } = "";

    public static async Task<Stage> Open(Roles roles, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("penguin-bench-").FullName;
        if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var configuration = Host.Configuration(new Dictionary<string, string?>
        {
            ["Data:Folder"] = folder, ["Web:Listen"] = "127.0.0.1:0", ["Edge:Listen"] = "127.0.0.1:0", ["Sandbox:Smtp"] = "127.0.0.1:0", ["Sandbox:Dns"] = "127.0.0.1:0",
            ["Accounts:RatePerSecond"] = "100000", ["Accounts:RateBurst"] = "1000000", ["SystemMail:Host"] = "127.0.0.1", ["SystemMail:From"] = "penguin@mx.penguin.test", ["Network:Allowed"] = "127.0.0.0/8",
        });
        var settings = Settings.Read(configuration, roles);
        var installation = await Installation.Open(settings, configuration, ct);
        var stage = new Stage(installation, Host.Build(settings, configuration, installation), settings, configuration, folder);
        await stage.App.StartAsync(ct);
        await stage.Claim(ct);
        return stage;
    }

    /// <summary>The same program once more on the same database, not started: for a second worker.</summary>
    public WebApplication Another() => Host.Build(Settings, _configuration, _installation);

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        await _installation.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    async Task Claim(CancellationToken ct)
    {
        var clock = TimeProvider.System;
        var token = await ClaimLink.Ensure(Db, clock, ct) ?? throw new InvalidOperationException("A fresh installation has a claim link.");
        using var http = new HttpClient { BaseAddress = Settings.WebUrl };
        var answer = await http.PostAsync("/api/v1/claim", System.Net.Http.Json.JsonContent.Create(
            new { token, email = "bench@bench.example", password = "harbour-violet-quilt-47", display_name = "Bench", company = "Bench" }), ct);
        answer.EnsureSuccessStatusCode();
        var made = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct)).RootElement;
        Tenant = TenantId.TryParse(made.GetProperty("tenant_id").GetString(), null, out var tenant) ? tenant : default;
        Workspace = WorkspaceId.TryParse(made.GetProperty("workspace_id").GetString(), null, out var workspace) ? workspace : default;
        var key = await CreateApiKey.Handle(Actor, new CreateApiKey.Input("bench", [.. Permissions.All.Where(permission => !Accounts.Roles.IsOfAccount(permission))], Workspace, null), Db, clock, ct);
        Key = key.Value.Key;
    }

    /// <summary>Peak resident memory of this process in MB, from the kernel.</summary>
    public static long PeakMegabytes() => long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    public static void Row(string measure, string ours, string against, string ratio, string goal) =>
        Console.WriteLine($"| {measure} | {ours} | {against} | {ratio} | {goal} |");
}
