using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Conversations;

/// <summary>The account's own yes or no to the conversation pool. A yes changes nothing by itself: each mailbox is switched on by <see cref="SwitchPoolMailbox"/>.</summary>
/// <remarks>Needs <c>account:manage</c>. Refuses with <c>permission.missing</c>, <c>pool.off</c> while the platform does not offer it, or <c>pool.terms_missing</c>. Each act is in the audit log.</remarks>
public static class JoinPool
{
    /// <summary>What happens with the account's data, as it is agreed to.</summary>
    public const string Terms =
        "Mailboxes you switch on write to mailboxes of other accounts that agreed too, and are written to. The other side sees the mailbox's address and name, as in any mail, and nothing else of the account. "
        + "This program opens such mail in the mailbox, moves it out of Junk, answers some of it and files it in a folder of its own. Such exchange is made by machines. Google bars programs that use several accounts to get round its filters, Microsoft restricts accounts whose sending looks suspicious, and some hosts forbid it: a mailbox that takes part may be limited or closed by its provider.";

    /// <param name="AcceptsTerms">True: <see cref="Terms"/> were read and are agreed to.</param>
    public sealed record Input(bool AcceptsTerms);

    /// <summary>The refusal where the platform does not offer it.</summary>
    internal static readonly Problem Off = new(ProblemKind.Conflict, "pool.off", "The conversation pool is switched off here. Who runs this installation may offer it with PENGUIN__WARMUP__POOL; warm-ups work without it.");

    static readonly Problem TermsMissing = new(ProblemKind.Invalid, "pool.terms_missing", "Read what happens with the data, and agree to it.") { Fields = [new("accepts_terms", "Read what happens with the data, and agree to it.")] };

    const string Insert = "insert into delivery.pool_consent (tenant_id, actor, at) values ($1, $2, $3) on conflict (tenant_id) do nothing";

    const string Delete = "delete from delivery.pool_consent where tenant_id = $1";

    // Its mailboxes stay listed as stopped, so that a person sees why nothing is exchanged.
    const string StopAll = "update delivery.pool_mailbox set is_on = false, reason = $2, changed_at = $3 where tenant_id = $1 and is_on";

    public static async Task<Result<Done>> Handle(Actor actor, Input input, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (!options.Pool.IsOn) return Off;
        if (!input.AcceptsTerms) return TermsMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Insert, ct, actor.Tenant, actor.Label, now) == 1) await tx.Append(actor, "pool.joined", "account", new { terms = Terms }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    /// <summary>Ends it at once: nothing more is sent to the pool or done in any mailbox of the account. Works whether the platform offers the pool or not.</summary>
    public static async Task<Result<Done>> Leave(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        List<Guid> mailboxes;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            mailboxes = await PoolMembers.OfTenant(tx, ct);
            await PoolMembers.Remove(tx, mailboxes, now, ct);
            await tx.Execute(StopAll, ct, actor.Tenant, "The account left the pool.", now);
            if (await tx.Execute(Delete, ct, actor.Tenant) == 1) await tx.Append(actor, "pool.left", "account", new { }, now, ct);
            await tx.Commit(ct);
        }

        await PoolMembers.DropTowards(db, mailboxes, now, ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/sending/conversations/join", async (Actor actor, Input input, DeliveryOptions options, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, options, db, clock, ct)).ToHttp());
        api.MapPost("/sending/conversations/leave", async (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Leave(actor, db, clock, ct)).ToHttp());
    }
}
