using PenguinMails.Core;

namespace PenguinMails.Oversight.Plans;

/// <summary>Id of a version of a plan, shown as <c>plv_…</c>.</summary>
public readonly record struct PlanVersionId(Guid Value) : ITypedId<PlanVersionId>
{
    public static string Prefix => "plv";
    public static PlanVersionId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out PlanVersionId id) => TypedId.TryParse(text, out id);
}

/// <summary>A version of a plan as lists show it.</summary>
/// <param name="Plan">Name of the object of kind Plan, or <c>plan</c> when there is none.</param>
/// <param name="Number">1, 2, 3 for each plan.</param>
/// <param name="Sha256">Of the canonical form: equal text, equal plan.</param>
/// <param name="Errors">Findings of severity error on the day of the import, waived ones left out.</param>
public sealed record PlanVersion(PlanVersionId Id, string Plan, int Number, string Sha256, int Objects, int Errors, int Warnings, string ImportedBy, DateTimeOffset ImportedAt)
{
    /// <summary>What this release no longer reads of it, at most 200 places: empty when all of it is read, null where it was not opened, as in lists.</summary>
    public IReadOnlyList<PlanFault>? Unread { get; init; }
}
