using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core.Db;
using PenguinMails.Core.Events;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Keys;

namespace PenguinMails.Cli.Backup;

/// <summary>The modules' services over a database that came out of a backup; what the backup's keys wrapped opens. Nothing runs in the background.</summary>
static class RestoredServices
{
    /// <param name="options">Of the installation that it becomes.</param>
    public static ServiceProvider Over(Database database, OpenedBackup backup, SecretsOptions options)
    {
        var (services, key) = (new ServiceCollection(), backup.Master);
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(key);
        services.AddSingleton(_ => database.Open());
        services.AddSingleton<Subscribers>();
        services.AddSingleton<JobSignal>();
        services.AddSingleton<TenantDb>();
        services.AddSingleton(options);
        foreach (var module in Modules.All) module.Services(services);
        // Behind the modules', so that this one holds.
        services.AddSingleton(provider => CarriedKeys.With(backup.SecretMasters, options, key, provider.GetRequiredService<TenantDb>(), TimeProvider.System));
        return services.BuildServiceProvider();
    }
}
