using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;

namespace PenguinMails.Fleet;

/// <summary>Needs <see cref="PlatformHosts"/>, <see cref="DnsSettings"/> and <see cref="Outbound"/> from the program.</summary>
public static class FleetModule
{
    public static readonly Module Module = new(typeof(FleetModule).Assembly, Services, Jobs, Routes);

    static void Services(IServiceCollection services) => services.AddSingleton<MailboxSecrets>();

    static void Jobs(JobKinds jobs)
    {
        jobs.Add<RecheckDomain.Order>(RecheckDomain.Kind, RecheckDomain.Run);
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
        ConnectMailbox.Map(api);
        ListMailboxes.Map(api);
        ChangeMailbox.Map(api);
        TestMailbox.Map(api);
        PauseMailbox.Map(api);
        RemoveMailbox.Map(api);
    }
}
