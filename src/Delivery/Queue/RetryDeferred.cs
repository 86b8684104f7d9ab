using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Queue;

/// <summary>Tries at once what was refused for now and waits for its next try. Every other reason to wait still holds.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>mailbox.not_found</c>.</remarks>
public static class RetryDeferred
{
    /// <param name="Mailbox">Null: all of the account.</param>
    public sealed record Input(MailboxId? Mailbox = null);

    /// <param name="Messages">Messages that are due now.</param>
    public sealed record Output(int Messages);

    const string LockLanes = "select 1 from delivery.lane where tenant_id = $1 and ($2::uuid is null or mailbox_id = $2) order by mailbox_id limit 100000 for update";

    const string Due = """
        with due as (
          update delivery.message m
          set due_at = $3
          from delivery.queue q
          where q.tenant_id = $1 and ($2::uuid is null or q.mailbox_id = $2) and q.held = '' and q.due_at > $3 and m.tenant_id = $1 and m.id = q.message_id and m.state = 'deferred'
          returning m.id)
        update delivery.queue q
        set due_at = $3
        from due
        where q.tenant_id = $1 and q.message_id = due.id
        """;

    const string Wake = "update delivery.lane set ready_at = least(ready_at, $3), wakes = wakes + 1 where tenant_id = $1 and ($2::uuid is null or mailbox_id = $2)";

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (input.Mailbox is { } only && (await ReadSendingState.Within(tx, [only.Value], ct)).Count == 0) return ListMailboxes.NotFound;
        await tx.Execute(LockLanes, ct, actor.Tenant, input.Mailbox?.Value);
        var due = await tx.Execute(Due, ct, actor.Tenant, input.Mailbox?.Value, now);
        await tx.Execute(Wake, ct, actor.Tenant, input.Mailbox?.Value, now);
        await tx.Append(actor, "sending.retried", input.Mailbox?.ToString() ?? "account", new { due }, now, ct);
        await tx.Commit(ct);
        return new Output(due);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/sending/retry",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
}
