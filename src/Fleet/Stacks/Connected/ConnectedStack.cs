using PenguinMails.Core;

namespace PenguinMails.Fleet.Stacks.Connected;

/// <summary>A mail server that somebody runs already, brought to a wanted description through its API.</summary>
/// <remarks>One look tells what differs; only that is done, one small change after the other, each of which the next look finds. What bears no mark of ours is never touched.</remarks>
/// <param name="api">Stays the caller's.</param>
sealed class ConnectedStack(IStackApi api, StackMarks marks, TimeProvider clock) : IMailStack
{
    const int TriesMax = 4, WaitSecondsMax = 60;

    public async Task<Result<StackChanges>> Compare(StackPlan wanted, CancellationToken ct)
    {
        var work = await Work(wanted, ct);
        return work.Match<Result<StackChanges>>(todo => Told(todo), problem => problem);
    }

    public async Task<Result<StackChanges>> Apply(StackPlan wanted, Func<StackStep, ValueTask> seen, CancellationToken ct)
    {
        var work = await Work(wanted, ct);
        if (work.Problem is { } refused) return refused;
        var last = "";
        foreach (var op in work.Value.Ops)
        {
            if (op.Told.Kind != last) await seen(Step(op.Told, work.Value));
            last = op.Told.Kind;
            var done = await Patiently(() => api.Do(op, ct), ct);
            if (done.Problem is { } failed) return failed with { Detail = $"{op.Told.Kind} {op.Told.Name}: {failed.Detail}" };
        }

        // Also when nothing differs: a run may have been broken off just before.
        var settled = await Patiently(() => api.Settle(ct), ct);
        return settled.Problem is { } unsettled ? unsettled : Told(work.Value);
    }

    public Task<Result<IReadOnlyList<QueuedMail>>> Queue(CancellationToken ct) => api.Queue(ct);

    public Task<Result<IReadOnlyList<string>>> Log(int lines, CancellationToken ct) => api.Log(Math.Clamp(lines, 1, 1000), ct);

    async Task<Result<StackWork>> Work(StackPlan wanted, CancellationToken ct)
    {
        if (StackPlanFault.Of(wanted) is { } fault) return fault;
        var facts = await Patiently(() => api.Look(ct), ct);
        return facts.Problem is { } problem ? problem : StackWork.Between(wanted, facts.Value, marks, api.Name, api.Abilities);
    }

    // "Come back later" is waited for where it is soon; a longer wait ends the run, and the next one goes on.
    async Task<Result<T>> Patiently<T>(Func<Task<Result<T>>> ask, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await ask();
            if (answer.Problem is not { Code: "stack.host_busy", RetryAfterSeconds: { } seconds and <= WaitSecondsMax } || attempt == TriesMax) return answer;
            await Task.Delay(TimeSpan.FromSeconds(seconds), clock, ct);
        }
    }

    static StackChanges Told(StackWork work) => new([.. work.Ops.Select(op => op.Told).Distinct()]) { Notes = work.Notes };

    static StackStep Step(StackChange first, StackWork work)
    {
        var count = work.Ops.Count(op => op.Told.Kind == first.Kind);
        return first.Kind switch
        {
            "domain" => new("domains", $"{count} {(count == 1 ? "domain" : "domains")}"),
            "dkim" => new("keys", $"{count} DKIM {(count == 1 ? "key" : "keys")}"),
            "alias" => new("aliases", $"{count} {(count == 1 ? "alias" : "aliases")}"),
            _ => new("mailboxes", $"{count} {(count == 1 ? "mailbox" : "mailboxes")}"),
        };
    }
}
