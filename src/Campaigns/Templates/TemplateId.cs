using PenguinMails.Core;

namespace PenguinMails.Campaigns.Templates;

/// <summary>Id of a template, shown as <c>tpl_…</c>.</summary>
public readonly record struct TemplateId(Guid Value) : ITypedId<TemplateId>
{
    public static string Prefix => "tpl";
    public static TemplateId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out TemplateId id) => TypedId.TryParse(text, out id);
}
