using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PenguinMails.Accounts;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Health;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Mailboxes.Aliases;
using PenguinMails.Fleet.Mailboxes.AppPasswords;
using PenguinMails.Fleet.Mailboxes.Imports;
using PenguinMails.Fleet.Mailboxes.Oauth;
using PenguinMails.Fleet.Mailboxes.Sharing;
using PenguinMails.Fleet.Mailboxes.Signatures;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Fleet.Reports;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.SpamChecks;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Fleet.Walks;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet;

/// <summary>Needs <see cref="PlatformHosts"/>, <see cref="DnsSettings"/> and <see cref="Outbound"/> from the program.</summary>
public static class FleetModule
{
    public static readonly Module Module = new(typeof(FleetModule).Assembly, Services, Jobs, Routes);

    static void Services(IServiceCollection services)
    {
        services.TryAddSingleton(provider => OauthSettings.From(provider.GetService<IConfiguration>(), provider.GetRequiredService<PublicWeb>()));
        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton(provider => new AccessTokens(provider.GetRequiredService<ISecretStore>(), provider.GetRequiredService<TenantDb>(), provider.GetRequiredService<OauthSettings>(),
            provider.GetRequiredService<TokenEndpoint>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MailboxSecrets>();
        services.AddSingleton(needed =>
            new DnsReach(needed.GetRequiredService<DnsSettings>(), needed.GetRequiredService<Outbound>(), needed.GetRequiredService<SealedBox>(), needed.GetRequiredService<PlatformHosts>()));
        services.AddSingleton(provider => HealthSettings.From(provider.GetService<IConfiguration>()));
        services.AddSingleton<Rdap>();
        services.AddSingleton<HealthReach>();
        Servers(services);
    }

    static void Servers(IServiceCollection services)
    {
        services.AddSingleton(AcmeSettings.From);
        services.AddSingleton<WalkTools>();
        services.TryAddSingleton(provider => ServerHostSettings.From(provider.GetService<IConfiguration>()));
        services.AddSingleton(provider => new ServerReach(provider.GetRequiredService<Outbound>(), provider.GetRequiredService<ISecretStore>(), provider.GetRequiredService<ServerHostSettings>()));
        services.AddSingleton(provider => new RotateSshKey(provider.GetRequiredService<ServerReach>(), provider.GetRequiredService<TenantDb>(), provider.GetRequiredService<TimeProvider>()).Rotator);
        services.AddSingleton(provider => new RotateMailbox(provider.GetRequiredService<TenantDb>(), provider.GetRequiredService<MailboxSecrets>(), provider.GetRequiredService<Outbound>(),
            provider.GetRequiredService<PlatformHosts>(), provider.GetRequiredService<TimeProvider>()).Rotator);
    }

    static void Jobs(JobKinds jobs)
    {
        jobs.Add<RecheckDomain.Order>(RecheckDomain.Kind, RecheckDomain.Run);
        jobs.Add<ReadReport.Order>(ReadReport.Kind, ReadReport.Run);
        jobs.Add<RecheckHealth.Order>(RecheckHealth.Kind, RecheckHealth.Run);
        jobs.Add<WriteDnsPlan.Order>(WriteDnsPlan.Kind, WriteDnsPlan.Run);
        jobs.Bury<WriteDnsPlan.Order>(WriteDnsPlan.Kind, WriteDnsPlan.Bury);
        jobs.Add<WatchDnsPlan.Order>(WatchDnsPlan.Kind, WatchDnsPlan.Run);
        jobs.Add<RecheckServer.Order>(RecheckServer.Kind, RecheckServer.Run);
        jobs.Add<BringUpServer.Order>(BringUpServer.Kind, BringUpServer.Run);
        jobs.Bury<BringUpServer.Order>(BringUpServer.Kind, BringUpServer.Bury);
        jobs.Add<TakeDownServer.Order>(TakeDownServer.Kind, TakeDownServer.Run);
        jobs.Bury<TakeDownServer.Order>(TakeDownServer.Kind, TakeDownServer.Bury);
        jobs.Add<ApplyStack.Order>(ApplyStack.Kind, ApplyStack.Run);
        jobs.Bury<ApplyStack.Order>(ApplyStack.Kind, ApplyStack.Bury);
        jobs.Add<AdvanceProvisioning.Order>(AdvanceProvisioning.Kind, AdvanceProvisioning.Run);
        jobs.Bury<AdvanceProvisioning.Order>(AdvanceProvisioning.Kind, AdvanceProvisioning.Bury);
        jobs.Add<AdvanceServerMigration.Order>(AdvanceServerMigration.Kind, AdvanceServerMigration.Run);
        jobs.Bury<AdvanceServerMigration.Order>(AdvanceServerMigration.Kind, AdvanceServerMigration.Bury);
        jobs.Add<ConnectImported.Order>(ConnectImported.Kind, ConnectImported.Run);
        jobs.Bury<ConnectImported.Order>(ConnectImported.Kind, ConnectImported.Bury);
        jobs.Add<ForgetMailboxImport.Order>(ForgetMailboxImport.Kind, ForgetMailboxImport.Run);
        jobs.Every(MoveSecrets.Kind, MoveSecrets.EverySeconds, MoveSecrets.Run);
        jobs.On<SecretWritten>("fleet.secret_written", FollowSecret.Written);
        jobs.On<SecretPromoted>("fleet.secret_promoted", FollowSecret.Promoted);
        jobs.On<RotationFailed>("fleet.rotation_failed", FollowSecret.RolledBack);
    }

    static void Routes(IEndpointRouteBuilder api)
    {
        AddDomain.Map(api);
        ListDomains.Map(api);
        CheckDomain.Map(api);
        RemoveDomain.Map(api);
        ReadTransport.Map(api);
        ChooseTransport.Map(api);
        CheckHealth.Map(api);
        ReadHealth.Map(api);
        ReadDmarc.Map(api);
        ReadTls.Map(api);
        ListReports.Map(api);
        CheckSpam.Map(api);
        ReadDns.Map(api);
        ConnectDnsHost.Map(api);
        ChangeDnsSettings.Map(api);
        PlanDns.Map(api);
        ApplyDnsPlan.Map(api);
        WatchDnsPlan.Map(api);
        UndoDnsPlan.Map(api);
        RotateDkim.Map(api);
        ServerRoutes(api);
        MailboxRoutes(api);
        SendTestMail.Map(api);
        ReadTestMail.Map(api);
    }

    static void MailboxRoutes(IEndpointRouteBuilder api)
    {
        CreateMailbox.Map(api);
        CreateMailboxes.Map(api);
        ConnectMailbox.Map(api);
        ListMailboxes.Map(api);
        ChangeMailbox.Map(api);
        TestMailbox.Map(api);
        PauseMailbox.Map(api);
        RemoveMailbox.Map(api);
        PeekMailbox.Map(api);
        AddAlias.Map(api);
        ListAliases.Map(api);
        ChangeAlias.Map(api);
        RemoveAlias.Map(api);
        CreateAppPassword.Map(api);
        ListAppPasswords.Map(api);
        RevokeAppPassword.Map(api);
        ReadMailboxHealth.Map(api);
        UploadMailboxImport.Map(api);
        StartMailboxImport.Map(api);
        ReadMailboxImport.Map(api);
        ExportMailboxes.Map(api);
        ShareMailbox.Map(api);
        UnshareMailbox.Map(api);
        ListShares.Map(api);
        ListSenders.Map(api);
        SetSignature.Map(api);
    }

    static void ServerRoutes(IEndpointRouteBuilder api)
    {
        AddServer.Map(api);
        ListServers.Map(api);
        CheckServer.Map(api);
        ConfirmHostKey.Map(api);
        ConnectServerHost.Map(api);
        ListOffers.Map(api);
        OrderServer.Map(api);
        SetServerPtr.Map(api);
        DestroyServer.Map(api);
        SetServerBudget.Map(api);
        ApplyStack.Map(api);
        CompareStack.Map(api);
        ConnectStack.Map(api);
        RenewStackToken.Map(api);
        ReadStackFiles.Map(api);
        StartProvisioning.Map(api);
        ListProvisionings.Map(api);
        ControlProvisioning.Map(api);
        ReadProvisioningTimes.Map(api);
        StartServerMigration.Map(api);
        ListServerMigrations.Map(api);
        ControlServerMigration.Map(api);
    }
}
