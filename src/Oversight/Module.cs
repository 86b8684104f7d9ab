using PenguinMails.Core;
using PenguinMails.Oversight.Brief;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight;

public static class OversightModule
{
    public static readonly Module Module = new(typeof(OversightModule).Assembly, _ => { }, _ => { }, api =>
    {
        ReadBrief.Map(api);
        ImportPlan.Map(api);
        ListPlanVersions.Map(api);
        ReadPlanVersion.Map(api);
    });
}
