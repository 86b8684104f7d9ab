using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Gates;

/// <summary>Q13: are we ready to launch? The gate that is next, or the last one that was not passed. Refuses as <see cref="ListGates"/> does.</summary>
public static class AnswerReadiness
{
    const string Href = "/gates";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = await ListGates.Handle(actor, db, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(PlanPage<GateLine> gates)
    {
        if (gates.Plan is null) return Answer.Missing("There is no plan yet, so there is no gate to be ready for. Import one that names the conditions of the launch.", "/plans/new");
        if (gates.Items.Count == 0) return Answer.Missing("The plan has no gate. Add an object of kind Gate with the conditions that must all hold before the launch.", Href);
        if (gates.Items.FirstOrDefault(gate => gate.State != "passed") is not { } next)
            return new($"Yes: every condition of {Named(gates.Items.Count)} holds.", null, $"{gates.Items.Sum(gate => gate.Criteria.Count)} conditions passed", Href, false);
        int Of(string state) => next.Criteria.Count(one => one.State == state);
        var number = $"{Of("passed")} of {next.Criteria.Count} conditions passed, {Of("failed")} failed, {Of("unknown")} unknown";
        var when = next.DaysLeft is { } left ? left < 0 ? $", whose time ended {-left} days ago," : $", due in {left} days," : "";
        if (Of("failed") > 0) return new($"No: {next.Title}{when} fails at {next.Criteria.First(one => one.State == "failed").Words}{(Of("failed") > 1 ? $" and {Of("failed") - 1} more" : "")}.", Direction.Worsening, number, Href, false);
        return new($"Not known: {Of("unknown")} of the {next.Criteria.Count} conditions of {next.Title}{when} have no evidence yet, first {next.Criteria.First(one => one.State == "unknown").Words}.", Direction.NotEnoughData, number, Href, Of("passed") == 0);
    }

    static string Named(int count) => count == 1 ? "the one gate" : $"all {count} gates";
}
