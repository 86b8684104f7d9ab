using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Plans;

/// <summary>The plan the account goes by when part of it is no longer read, for pages that count with it. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>).</summary>
public static class ReadUnreadPlan
{
    /// <param name="Version">Null while there is no plan, or all of it is read.</param>
    public sealed record Output(PlanVersion? Version);

    public static async Task<Result<Output>> Handle(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Output(await CurrentPlan.Read(tx, ct) is { Version: { Unread: { Count: > 0 } } version } ? version : null);
    }
}
