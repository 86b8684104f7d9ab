using PenguinMails.Accounts;
using PenguinMails.Campaigns;
using PenguinMails.Compliance;
using PenguinMails.Core;
using PenguinMails.Delivery;
using PenguinMails.Fleet;
using PenguinMails.Oversight;
using PenguinMails.Secrets;

namespace PenguinMails.Modules.Tests;

static class AllModules
{
    public static readonly Module[] List =
        [Module.Core, AccountsModule.Module, SecretsModule.Module, FleetModule.Module, ComplianceModule.Module, DeliveryModule.Module, CampaignsModule.Module, OversightModule.Module];
}
