using PenguinMails.Core;

namespace PenguinMails.Fleet.Walks;

/// <summary>A way that a job goes step by step, as it stands at one look.</summary>
interface IWalk
{
    Guid Id { get; }

    /// <summary>running or undoing while there is something to do.</summary>
    string State { get; }

    /// <summary>In the order they are taken; undone in the other.</summary>
    IReadOnlyList<WalkStep> Steps { get; }

    /// <summary>One look at a step; bears being taken twice.</summary>
    /// <param name="tell">Shows what is being done.</param>
    Task<StepOutcome> Take(WalkStep step, Func<string, Task> tell, CancellationToken ct);

    /// <summary>Takes back what a step did.</summary>
    Task<StepOutcome> Undo(WalkStep step, Func<string, Task> tell, CancellationToken ct);

    /// <summary>The last step is done, or undone.</summary>
    Task Finish(bool isUndoing, CancellationToken ct);

    /// <summary>A step cannot go on by itself.</summary>
    Task Halt(string step, StepOutcome outcome, CancellationToken ct);
}

/// <summary>How all walks are gone.</summary>
static class Walk
{
    /// <param name="find">The walk as it stands now; null when it is gone.</param>
    /// <param name="seen">Steps done, and what is being done.</param>
    /// <returns>When to look again; null when it ended or waits for a person here.</returns>
    public static async Task<TimeSpan?> Go(Func<Task<IWalk?>> find, WalkTools tools, TenantId tenant, Func<int, string, Task> seen, CancellationToken ct)
    {
        while (await find() is { State: "running" or "undoing" } walk)
        {
            var isUndoing = walk.State == "undoing";
            if ((isUndoing ? walk.Steps.LastOrDefault(step => step.State is not ("open" or "undone")) : Current(walk)) is not { } next)
            {
                await walk.Finish(isUndoing, ct);
                return null;
            }

            var outcome = await new StepRow(tools.Db, tenant, walk.Id, next.Name, tools.Clock).Look(
                next, isUndoing, what => seen(walk.Steps.Count(one => one.State == "done"), what), (step, tell) => isUndoing ? walk.Undo(step, tell, ct) : walk.Take(step, tell, ct), ct);
            if (outcome.State == "stopped" && !isUndoing) await walk.Halt(next.Name, outcome, ct);
            if (outcome.State is "waiting" or "customer") return outcome.After;
        }

        return null;
    }

    /// <summary>The program failed at every attempt: a person may go on.</summary>
    public static async Task Bury(IWalk? found, WalkTools tools, TenantId tenant, CancellationToken ct)
    {
        if (found is not { State: "running" } walk || Current(walk) is not { } current) return;
        await new StepRow(tools.Db, tenant, walk.Id, current.Name, tools.Clock).End(StepOutcome.Broken, current, isUndoing: false, ct);
        await walk.Halt(current.Name, StepOutcome.Broken, ct);
    }

    static WalkStep? Current(IWalk walk) => walk.Steps.FirstOrDefault(step => step.State is not ("done" or "undone"));
}
