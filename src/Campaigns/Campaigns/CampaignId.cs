using PenguinMails.Core;

namespace PenguinMails.Campaigns.Campaigns;

/// <summary>Id of a campaign, shown as <c>cmp_…</c>.</summary>
public readonly record struct CampaignId(Guid Value) : ITypedId<CampaignId>
{
    public static string Prefix => "cmp";
    public static CampaignId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out CampaignId id) => TypedId.TryParse(text, out id);
}
