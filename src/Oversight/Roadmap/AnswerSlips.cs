using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;

namespace PenguinMails.Oversight.Roadmap;

/// <summary>Q14: what slipped since the last review, and what does it block? Refuses as <see cref="ReadRoadmap"/> does.</summary>
public static class AnswerSlips
{
    const string Href = "/plan-board";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = await ReadRoadmap.Handle(actor, db, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(ReadRoadmap.Output board)
    {
        if (board.Plan is null) return Answer.Missing("There is no plan yet, so nothing can slip. Import one, and its roadmap is followed from then on.", "/plans/new");
        var all = board.Objectives.Concat(board.Items).ToList();
        var (moved, late) = (all.Where(line => line.SlipDays > 0).OrderByDescending(line => line.SlipDays).ToList(), all.Where(line => line.IsLate).OrderBy(line => line.DaysLeft).ToList());
        if (moved.Count == 0 && late.Count == 0)
            return new($"Nothing slipped{(board.ComparedWith is { } with ? $" since version {with.Number}" : "")}, and nothing is past its end.", Direction.Flat, null, Href, false);
        var waits = moved.Concat(late).SelectMany(line => line.Waits).Distinct().Count();
        var worst = moved.FirstOrDefault() ?? late[0];
        var what = moved.Count > 0 ? $"{worst.Title} slipped by {worst.SlipDays} days" : $"{worst.Title} should have been done {-worst.DaysLeft} days ago";
        return new($"{what}{(moved.Count + late.Count > 1 ? $"; in all {Told(moved.Count, late.Count)}" : "")}; {(waits == 0 ? "nothing waits for it" : $"{waits} {(waits == 1 ? "thing waits" : "things wait")} for what is late")}.", Direction.Worsening,
            $"{moved.Count} moved later{(board.ComparedWith is { } before ? $" since version {before.Number}" : "")}, {late.Count} past their end", Href, false);
    }

    static string Told(int moved, int late) => string.Join(" and ", new[]
    {
        moved > 0 ? $"{moved} {(moved == 1 ? "objective or item" : "objectives and items")} moved to later" : null, late > 0 ? $"{late} {(late == 1 ? "is past its" : moved > 0 ? "are past their" : "objectives and items are past their")} end" : null,
    }.Where(part => part is not null));
}
