using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.BreakGlass;

/// <summary>Asks to see the value of one secret. Nothing is shown until another person approves.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>break_glass.person_needed</c>, <c>break_glass.invalid</c>, <c>break_glass.too_many</c> or <c>secret.not_found</c>.</remarks>
public static class RequestBreakGlass
{
    /// <param name="Reason">20 to 300 characters: the account's owners read it.</param>
    /// <param name="Minutes">5 to 240, counted from the approval.</param>
    public sealed record Input(SecretId SecretId, string Reason, int Minutes);

    public sealed record Output(GrantId Id);

    const int WaitingMax = 20;

    const string CountWaiting = "select count(*) from secrets.break_glass where tenant_id = $1 and state = 'requested' and requested_at > $2";

    const string Insert = """
        insert into secrets.break_glass (tenant_id, id, path, reason, minutes, state, requested_by, requested_at)
        values ($1, $2, $3, $4, $5, 'requested', $6, $7)
        """;

    static readonly Problem TooMany = new(ProblemKind.Conflict, "break_glass.too_many", $"{WaitingMax} requests wait already. Decide those first.");

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsBreakGlass)) return Actor.Forbidden(Permissions.SecretsBreakGlass);
        if (actor is not { Kind: ActorKind.Person, User: { } user }) return GrantProblems.PersonNeeded;
        var reason = input.Reason.Trim();
        if (reason.Length is < 20 or > 300 || reason.Any(char.IsControl)) return Problem.Invalid("break_glass.invalid", new FieldProblem("reason", "20 to 300 characters in one line: what happened, and why the value is needed."));
        if (input.Minutes is < 5 or > 240) return Problem.Invalid("break_glass.invalid", new FieldProblem("minutes", "5 to 240 minutes."));
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ChangeVersion.PathOf(tx, input.SecretId, ct) is not { } path) return SecretProblems.NotFound;
        if (await tx.One(CountWaiting, row => row.GetInt64(0), ct, actor.Tenant, now - Grant.AnswerMax) >= WaitingMax) return TooMany;
        var id = TypedId.New<GrantId>(now);
        await tx.Execute(Insert, ct, actor.Tenant, id, path.Text, reason, input.Minutes, user, now);
        await tx.Append(actor, "break_glass.requested", id.ToString(), new { path = path.Text, reason, input.Minutes }, now, ct);
        await tx.Commit(ct);
        return new Output(id);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/break-glass",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/break-glass/{made.Id}", made)));
}
