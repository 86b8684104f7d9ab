using PenguinMails.Core;

namespace PenguinMails.Oversight.Reports;

/// <summary>Id of an archived report, shown as <c>rep_…</c>.</summary>
public readonly record struct ReportId(Guid Value) : ITypedId<ReportId>
{
    public static string Prefix => "rep";
    public static ReportId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ReportId id) => TypedId.TryParse(text, out id);
}
