using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Fleet;

/// <summary>Needs <see cref="PlatformHosts"/>, <see cref="DnsSettings"/> and <see cref="Outbound"/> from the program.</summary>
public static class FleetModule
{
    public static readonly Module Module = new(typeof(FleetModule).Assembly, _ => { }, Jobs, Routes);

    static void Jobs(JobKinds jobs) => jobs.Add<RecheckDomain.Order>(RecheckDomain.Kind, RecheckDomain.Run);

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
