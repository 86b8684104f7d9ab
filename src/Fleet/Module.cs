using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Fleet;

public static class FleetModule
{
    public static readonly Module Module = new(typeof(FleetModule).Assembly, _ => { }, _ => { }, api =>
    {
        AddDomain.Map(api);
        ListDomains.Map(api);
        ConnectMailbox.Map(api);
        ListMailboxes.Map(api);
    });
}
