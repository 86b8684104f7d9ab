using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Messages;

/// <summary>A person decides a message in doubt: it arrived, or it did not. It is never sent again.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>message.not_found</c> or <c>message.not_in_doubt</c>.</remarks>
public static class ResolveInDoubt
{
    public sealed record Input(MessageId Id, bool Arrived);

    const string Update = """
        update delivery.message
        set state = case when $4 then 'sent' else 'failed' end, reason = case when $4 then '' else 'judged_lost' end,
          sent_at = case when $4 then attempted_at else sent_at end, state_at = $5
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2) and id = $3 and state = 'in_doubt'
        """;

    public static async Task<Result<Done>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsLaunch)) return Actor.Forbidden(Permissions.CampaignsLaunch);
        var found = await ListMessages.One(actor, input.Id, db, ct);
        if (found.Problem is { } problem) return problem;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        if (await tx.Execute(Update, ct, actor.Tenant, actor.Workspace, input.Id, input.Arrived, now) == 0)
            return new Problem(ProblemKind.Conflict, "message.not_in_doubt", "Only a message in doubt can be decided; this one has an outcome.");
        await WriteFact.Within(tx, input.Arrived ? "sent" : "failed", input.Id, found.Value.CampaignId.Value, found.Value.MailboxId.Value, "doubt_resolved", now, ct);
        await tx.Append(actor, "message.doubt_resolved", input.Id.ToString(), new { input.Arrived }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/messages/{id}/resolve",
        async (Actor actor, MessageId id, Decision decision, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, new Input(id, decision.Arrived), db, clock, ct)).ToHttp());

    public sealed record Decision(bool Arrived);
}
