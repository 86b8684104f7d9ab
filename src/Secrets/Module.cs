using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Accesses;
using PenguinMails.Secrets.BreakGlass;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Sealed;
using PenguinMails.Secrets.Store;
using PenguinMails.Secrets.Vault;

namespace PenguinMails.Secrets;

/// <summary>Gives <see cref="ISecretStore"/>: the sealed store, or Vault where <c>PENGUIN__SECRETS__STORE</c> says so.</summary>
public static class SecretsModule
{
    public static readonly Module Module = new(typeof(SecretsModule).Assembly, Services, Jobs, Routes);

    static void Services(IServiceCollection services)
    {
        services.AddSingleton<SealedBox>();
        services.TryAddSingleton(provider => SecretsOptions.From(provider.GetService<IConfiguration>(), Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY")));
        services.AddSingleton(provider => new MasterKeys(provider.GetRequiredService<SecretsOptions>(), provider.GetRequiredService<MasterKey>(), provider.GetRequiredService<TenantDb>().Beside, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Rotators>();
        services.AddSingleton(provider => new VaultLink(provider.GetRequiredService<SecretsOptions>().Vault, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<VaultRenewal>();
        services.TryAddSingleton(Store);
    }

    static void Jobs(JobKinds jobs)
    {
        jobs.Add<RotateDataKey.Order>(RotateDataKey.Kind, RotateDataKey.Run);
        jobs.Add<AdvanceRotation.Order>(AdvanceRotation.Kind, AdvanceRotation.Run);
        jobs.Bury<AdvanceRotation.Order>(AdvanceRotation.Kind, AdvanceRotation.Bury);
        jobs.Add<StartDue.Order>(StartDue.Kind, StartDue.Run);
    }

    static void Routes(IEndpointRouteBuilder api)
    {
        ListSecrets.Map(api);
        WriteSecret.Map(api);
        ChangeVersion.Map(api);
        ReadStatus.Map(api);
        ListAccesses.Map(api);
        PlanRotation.Map(api);
        StartRotation.Map(api);
        ListRotations.Map(api);
        ResumeRotation.Map(api);
        RequestBreakGlass.Map(api);
        DecideBreakGlass.Map(api);
        ReadBehindGlass.Map(api);
        ListGrants.Map(api);
    }

    static ISecretStore Store(IServiceProvider provider)
    {
        var (options, db, clock) = (provider.GetRequiredService<SecretsOptions>(), provider.GetRequiredService<TenantDb>().Beside, provider.GetRequiredService<TimeProvider>());
        return options.Vault is { } vault && provider.GetRequiredService<VaultLink>().Client is { } client
            ? new VaultStore(client, vault, db, clock)
            : new SealedStore(db, provider.GetRequiredService<MasterKeys>(), clock);
    }
}
