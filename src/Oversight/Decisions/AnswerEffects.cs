using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Decisions;

/// <summary>Q16: did our decisions have the promised effect? The newest outcome, and how often it came as expected. Refuses as <see cref="ListDecisions"/> does.</summary>
public static class AnswerEffects
{
    const string Href = "/registers?view=decisions";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = await ListDecisions.Handle(actor, db, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(PlanPage<DecisionLine> decisions)
    {
        if (decisions.Plan is null) return Answer.Missing("There is no plan yet, so no decision is followed. Import one whose decisions name an expected effect and a review date.", "/plans/new");
        var judged = decisions.Items.Where(line => line.Outcome is { Verdict: not "not_enough_data" }).OrderByDescending(line => line.Outcome?.JudgedAt).ToList();
        if (judged.Count > 0)
        {
            var (newest, hits) = (judged[0], judged.Count(line => line.State == "as_expected"));
            return new($"{newest.Title}: {Word(newest.State)}. {newest.Outcome?.Sentence}", DirectionOf(newest.State), $"{hits} of {judged.Count} decisions came as expected", Href, false);
        }

        if (decisions.Items.FirstOrDefault(line => line.Outcome is not null) is { } open) return Answer.Missing($"{open.Title} cannot be judged yet: {open.Outcome?.Sentence}", Href);
        if (decisions.Items.FirstOrDefault(line => line.State == "waiting") is { ReviewOn: { } day } next) return Answer.Missing($"No decision is due yet; {next.Title} is judged after {day.Text()}.", Href);
        return Answer.Missing(decisions.Items.Count == 0 ? "The plan holds no decision." : $"None of the {decisions.Items.Count} decisions names an effect that is measured here. Give one an expectedEffect with a metric, and a reviewOn day.", Href);
    }

    internal static string Word(string verdict) => verdict switch
    {
        "as_expected" => "it came as expected",
        "less_than_expected" => "it moved the right way, by less than expected",
        "other_direction" => "it went the other way",
        "no_effect_seen" => "no effect is seen",
        _ => "there is not enough data",
    };

    static Direction DirectionOf(string verdict) => verdict switch
    {
        "as_expected" or "less_than_expected" => Direction.Improving,
        "other_direction" => Direction.Worsening,
        _ => Direction.Flat,
    };
}
