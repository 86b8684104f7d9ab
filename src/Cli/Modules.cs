using PenguinMails.Accounts;
using PenguinMails.Campaigns;
using PenguinMails.Compliance;
using PenguinMails.Core;
using PenguinMails.Delivery;
using PenguinMails.Fleet;
using PenguinMails.Oversight;
using PenguinMails.Secrets;

namespace PenguinMails.Cli;

/// <summary>The modules of the program, floor by floor: the order in which they migrate.</summary>
public static class Modules
{
    public static readonly IReadOnlyList<Module> All =
    [
        Module.Core, AccountsModule.Module, SecretsModule.Module, FleetModule.Module, ComplianceModule.Module, DeliveryModule.Module, CampaignsModule.Module, OversightModule.Module,
    ];
}
