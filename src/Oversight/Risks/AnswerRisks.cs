using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Risks;

/// <summary>Q17: which risks rose, and are triggers near? Refuses as <see cref="ListRisks"/> does.</summary>
public static class AnswerRisks
{
    const string Href = "/registers?view=risks";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = await ListRisks.Handle(actor, db, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(PlanPage<RiskLine> risks)
    {
        if (risks.Plan is null) return Answer.Missing("There is no plan yet, so no risk is watched. Import one that names risks with their indicators.", "/plans/new");
        if (risks.Items.Count == 0) return Answer.Missing("The plan names no risk. Add objects of kind Risk with an indicator and its trigger.", Href);
        var indicators = risks.Items.SelectMany(risk => risk.Indicators).ToList();
        var (passed, near, rose) = (risks.Items.Where(risk => risk.Indicators.Any(one => one.IsPassed == true)).ToList(), risks.Items.Where(risk => risk.Indicators.Any(one => one.IsNear)).ToList(), risks.Items.Where(risk => risk.Rose).ToList());
        var number = $"{risks.Items.Count} risks, {passed.Count} past a trigger, {near.Count - passed.Count} near one, {rose.Count} judged higher than before";
        if (passed.Count > 0) return new($"{passed[0].Title} is past its trigger: {passed[0].Indicators.First(one => one.IsPassed == true).Sentence}", Direction.Worsening, number, Href, false);
        if (near.Count > 0) return new($"{near[0].Title} is near its trigger: {near[0].Indicators.First(one => one.IsNear).Sentence}", Direction.Worsening, number, Href, false);
        if (rose.Count > 0) return new($"{rose[0].Title} is judged higher than before ({rose[0].ScoreBefore} → {rose[0].Score} of 25); no trigger is near.", Direction.Worsening, number, Href, false);
        if (indicators.All(one => one.IsPassed is null) && risks.Items.All(risk => risk.Assessed is null))
            return new($"Nobody can say: none of the {risks.Items.Count} risks has an indicator that is measured here, and none was judged. Name a figure in an indicator, or judge them.", Direction.NotEnoughData, number, Href, true);
        return new("No risk rose, and no trigger is near.", Direction.Flat, number, Href, false);
    }
}
