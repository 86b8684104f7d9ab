using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Secrets.BreakGlass;

/// <summary>The second person approves or refuses; either of the two, or anybody with the permission, ends it early.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>break_glass.person_needed</c>, <c>break_glass.not_found</c>, <c>break_glass.second_person</c>,
/// <c>break_glass.decided</c> or <c>break_glass.not_open</c>.</remarks>
public static class DecideBreakGlass
{
    public static Task<Result<Grant>> Approve(Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Decide(actor, id, GrantState.Open, db, clock, ct);

    public static Task<Result<Grant>> Refuse(Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct) => Decide(actor, id, GrantState.Refused, db, clock, ct);

    /// <summary>Takes a waiting request back, or ends an open one.</summary>
    public static async Task<Result<Grant>> Close(Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsBreakGlass)) return Actor.Forbidden(Permissions.SecretsBreakGlass);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await GrantRows.Lock(tx, id, now, ct) is not { } grant) return GrantProblems.NotFound;
        if (grant.State is not (GrantState.Requested or GrantState.Open)) return GrantProblems.NotOpen;
        var closed = grant with { State = grant.State == GrantState.Open ? GrantState.Closed : GrantState.Withdrawn };
        await GrantRows.Save(tx, closed, ct);
        await tx.Append(actor, "break_glass." + Grant.Word(closed.State), id.ToString(), new { path = grant.Path }, now, ct);
        await tx.Commit(ct);
        return closed;
    }

    static async Task<Result<Grant>> Decide(Actor actor, GrantId id, GrantState state, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsBreakGlass)) return Actor.Forbidden(Permissions.SecretsBreakGlass);
        if (actor is not { Kind: ActorKind.Person, User: { } user }) return GrantProblems.PersonNeeded;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await GrantRows.Lock(tx, id, now, ct) is not { } grant) return GrantProblems.NotFound;
        if (grant.State != GrantState.Requested) return GrantProblems.NotRequested;
        if (grant.RequestedBy == user) return GrantProblems.SecondPerson;
        var decided = grant with { State = state, DecidedBy = user, DecidedAt = now, ExpiresAt = state == GrantState.Open ? now.AddMinutes(grant.Minutes) : null };
        await GrantRows.Save(tx, decided, ct);
        if (decided.ExpiresAt is { } until) await tx.Publish(new BreakGlassOpened(id, grant.Path, grant.Reason, grant.RequestedBy, user, until), now, ct);
        await tx.Append(actor, state == GrantState.Open ? "break_glass.opened" : "break_glass.refused", id.ToString(), new { path = grant.Path, reason = grant.Reason, until = decided.ExpiresAt }, now, ct);
        await tx.Commit(ct);
        return decided;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/break-glass/{id}/approve", async (Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Approve(actor, id, db, clock, ct)).ToHttp());
        api.MapPost("/break-glass/{id}/refuse", async (Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Refuse(actor, id, db, clock, ct)).ToHttp());
        api.MapPost("/break-glass/{id}/close", async (Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Close(actor, id, db, clock, ct)).ToHttp());
    }
}
