using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Fleet.Walks;

/// <summary>The mail stack of the server is what the rows say: asked for, and waited for until it is so.</summary>
static class StackStep
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Again = TimeSpan.FromSeconds(20);
    const int FailuresMax = 3;

    const string SelectState = "select stack_note, stack_problem, stack_tried_at, stack_failures from fleet.server where tenant_id = $1 and id = $2";

    sealed record State(string Note, string Problem, DateTimeOffset? TriedAt, int Failures);

    /// <param name="done">What is said once it is so.</param>
    public static async Task<StepOutcome> Run(WalkDesk desk, string done, CancellationToken ct)
    {
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        if (await Server.Find(tx, desk.Workspace, desk.Server, ct) is not { } server) return StepOutcome.Of(Server.NotFound);
        if (server.StackDigest == (await HostedMail.Read(tx, server, ct)).Digest) return StepOutcome.Done(done);
        var state = await tx.One(SelectState, row => new State(row.GetString(0), row.GetString(1), row.Maybe<DateTimeOffset>(2), row.GetInt32(3)), ct, desk.Actor.Tenant, server.Id);
        if (state.Failures >= FailuresMax) return StepOutcome.Stopped("stack.failed", state.Problem);
        if (state.Problem.Length > 0 && state.TriedAt > desk.Now - Again) return StepOutcome.Waiting(state.Problem, Again);
        // The same job while one is at work; a new one after it.
        await ApplyStack.Enqueue(tx, desk.Workspace, server.Id, desk.Now, ct);
        await tx.Commit(ct);
        return StepOutcome.Waiting(state.Note.Length > 0 ? state.Note : $"Setting up the mail stack of {server.HostName}", Look);
    }
}
