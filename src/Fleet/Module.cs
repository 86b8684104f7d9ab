using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Fleet;

/// <summary>Needs <see cref="PlatformHosts"/>, <see cref="DnsSettings"/> and <see cref="Outbound"/> from the program.</summary>
public static class FleetModule
{
    public static readonly Module Module = new(typeof(FleetModule).Assembly, Services, Jobs, Routes);

    static void Services(IServiceCollection services)
    {
        services.AddSingleton<MailboxSecrets>();
        services.AddSingleton(needed =>
            new DnsReach(needed.GetRequiredService<DnsSettings>(), needed.GetRequiredService<Outbound>(), needed.GetRequiredService<SealedBox>(), needed.GetRequiredService<PlatformHosts>()));
    }

    static void Jobs(JobKinds jobs)
    {
        jobs.Add<RecheckDomain.Order>(RecheckDomain.Kind, RecheckDomain.Run);
        jobs.Add<WriteDnsPlan.Order>(WriteDnsPlan.Kind, WriteDnsPlan.Run);
        jobs.Bury<WriteDnsPlan.Order>(WriteDnsPlan.Kind, WriteDnsPlan.Bury);
        jobs.Add<WatchDnsPlan.Order>(WatchDnsPlan.Kind, WatchDnsPlan.Run);
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
        ReadDns.Map(api);
        ConnectDnsHost.Map(api);
        ChangeDnsSettings.Map(api);
        PlanDns.Map(api);
        ApplyDnsPlan.Map(api);
        WatchDnsPlan.Map(api);
        UndoDnsPlan.Map(api);
        RotateDkim.Map(api);
        ConnectMailbox.Map(api);
        ListMailboxes.Map(api);
        ChangeMailbox.Map(api);
        TestMailbox.Map(api);
        PauseMailbox.Map(api);
        RemoveMailbox.Map(api);
    }
}
