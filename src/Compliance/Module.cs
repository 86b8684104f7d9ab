using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;

namespace PenguinMails.Compliance;

public static class ComplianceModule
{
    public static readonly Module Module = new(typeof(ComplianceModule).Assembly, _ => { }, _ => { }, api =>
    {
        AddSuppression.Map(api);
        ListSuppressions.Map(api);
        RemoveSuppression.Map(api);
        SetConsentPolicy.Map(api);
    });
}
