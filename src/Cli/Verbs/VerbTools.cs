using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Cli.Verbs;

/// <summary>The modules' services over an opened installation, without a host: nothing runs in the background.</summary>
sealed class VerbTools : IAsyncDisposable
{
    readonly Installation _installation;
    readonly ServiceProvider _services;

    VerbTools(Installation installation, ServiceProvider services) => (_installation, _services) = (installation, services);

    public TenantDb Db => _services.GetRequiredService<TenantDb>();
    public ISecretStore Store => _services.GetRequiredService<ISecretStore>();
    public MasterKeys Masters => _services.GetRequiredService<MasterKeys>();
    public Rotators Rotators => _services.GetRequiredService<Rotators>();

    public static async Task<VerbTools> Open(CancellationToken ct)
    {
        var configuration = Host.Configuration();
        var settings = Settings.Read(configuration, Roles.None);
        var installation = await Installation.Open(settings, configuration, ct);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(installation.Key);
        services.AddSingleton(_ => installation.Database.Open());
        services.AddSingleton<Subscribers>();
        services.AddSingleton<JobSignal>();
        services.AddSingleton<TenantDb>();
        foreach (var module in Modules.All) module.Services(services);
        return new VerbTools(installation, services.BuildServiceProvider());
    }

    /// <exception cref="WrongUsage">Not the id of an account.</exception>
    /// <exception cref="InvalidOperationException">The id of none here.</exception>
    public async Task<Actor> Actor(string? tenant, CancellationToken ct) => Core.Actor.System(await Known(tenant ?? "", ct));

    /// <summary>The one asked for, or all.</summary>
    public async Task<IReadOnlyList<TenantId>> Tenants(string? only, CancellationToken ct) => only is not null ? [await Known(only, ct)] : await ListTenants.Handle(Db, ct);

    /// <summary>Runs a verb with the tools open.</summary>
    public static async Task<int> Within(Func<VerbTools, Task<int>> act, CancellationToken ct)
    {
        await using var tools = await Open(ct);
        return await act(tools);
    }

    /// <summary>Says why not, with the public code.</summary>
    public static async Task<int> Refused(Problem problem)
    {
        await Console.Error.WriteLineAsync($"penguin: {string.Join(" ", problem.Fields.Select(field => $"{field.Field}: {field.Detail}").DefaultIfEmpty(problem.Detail))} ({problem.Code})");
        return 1;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _installation.DisposeAsync();
    }

    async Task<TenantId> Known(string text, CancellationToken ct)
    {
        if (!TenantId.TryParse(text, null, out var id)) throw new WrongUsage($"{text} is not an account id; it begins with ten_.");
        return await ListTenants.Has(id, Db, ct) ? id : throw new InvalidOperationException($"There is no account {text} in this installation.");
    }
}
