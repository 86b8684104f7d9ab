using PenguinMails.Core;

namespace PenguinMails.Campaigns.Imports;

/// <summary>Id of an import, shown as <c>imp_…</c>.</summary>
public readonly record struct ImportId(Guid Value) : ITypedId<ImportId>
{
    public static string Prefix => "imp";
    public static ImportId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ImportId id) => TypedId.TryParse(text, out id);
}
