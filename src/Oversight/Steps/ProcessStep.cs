using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Steps;

/// <summary>Id of a process step, shown as <c>stp_…</c>.</summary>
public readonly record struct StepId(Guid Value) : ITypedId<StepId>
{
    public static string Prefix => "stp";
    public static StepId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out StepId id) => TypedId.TryParse(text, out id);
}

/// <summary>Something deviates, and somebody looks at it until a day. Never a mail, never an alert.</summary>
/// <param name="Kind">figure (it worsens), target (a figure misses the plan), slip, budget, risk, decision, review, gate, or person (somebody opened it).</param>
/// <param name="Subject">Kind/name of the plan, or Kpi/key; empty when a person named none. A gate's criterion follows after #.</param>
/// <param name="OwnerName">Who answers for it by the plan; empty when it names nobody.</param>
/// <param name="Owner">The member; null: no owner yet.</param>
/// <param name="State">open, done or dropped.</param>
/// <param name="Note">What was done, or why it was dropped; empty while it is open.</param>
/// <param name="OpenedBy">Id of a person or key, or system.</param>
public sealed record ProcessStep(
    StepId Id, string Kind, string Subject, string Sentence, string OwnerName, UserId? Owner, DateOnly DueOn, string State, string Note, string OpenedBy, DateTimeOffset OpenedAt, string? ClosedBy, DateTimeOffset? ClosedAt)
{
    internal static readonly string[] States = ["open", "done", "dropped"];

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "step.not_found", "This account has no such step. GET /api/v1/oversight/steps lists them.");

    internal static ProcessStep Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Maybe<Guid>(5) is { } owner ? new UserId(owner) : null, row.GetFieldValue<DateOnly>(6), row.GetString(7), row.GetString(8),
        row.GetString(9), row.GetFieldValue<DateTimeOffset>(10), row.Text(11), row.Maybe<DateTimeOffset>(12));

    /// <summary>Where the deviation is shown.</summary>
    public string Href => Subject.Split('/', 2) switch
    {
        ["Kpi", var key] => $"/kpis/{key}",
        ["Objective" or "RoadmapItem", _] => "/plan-board",
        ["CostLine", _] => "/budget",
        ["Risk", _] => "/registers?view=risks",
        ["Decision", _] => "/registers?view=decisions",
        ["Review", _] => "/reviews",
        ["Gate", _] => "/gates",
        _ => "/steps",
    };
}
