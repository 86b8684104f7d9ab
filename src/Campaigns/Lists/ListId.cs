using PenguinMails.Core;

namespace PenguinMails.Campaigns.Lists;

/// <summary>Id of a list, shown as <c>lst_…</c>.</summary>
public readonly record struct ListId(Guid Value) : ITypedId<ListId>
{
    public static string Prefix => "lst";
    public static ListId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ListId id) => TypedId.TryParse(text, out id);
}
