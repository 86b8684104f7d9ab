using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Tracking;

/// <summary>A visit as people see it.</summary>
/// <param name="Kind">open, click or trap.</param>
/// <param name="Url">Where the link leads; empty for the others.</param>
/// <param name="Visitor">person or machine; empty until it is judged.</param>
/// <param name="Reason">What gave a machine away: trap, head, agent, too_soon or all_links.</param>
public sealed record VisitSeen(DateTimeOffset At, string Kind, string Url, string Agent, string Visitor, string Reason);

/// <summary>Who followed the links of a message, oldest first, at most 200. Refuses with <c>permission.missing</c> or <c>message.not_found</c>.</summary>
public static class ListVisits
{
    const string Select = """
        select v.at, v.kind, coalesce(l.url, ''), v.agent, v.visitor, v.reason
        from delivery.visit v
        join delivery.message m on m.tenant_id = v.tenant_id and m.id = v.message_id
        left join delivery.link l on l.tenant_id = v.tenant_id and l.content_id = m.content_id and l.number = v.number and v.kind = 'click'
        where v.tenant_id = $1 and v.message_id = $2
        order by v.id
        limit 200
        """;

    public static async Task<Result<Page<VisitSeen>>> Handle(Actor actor, MessageId id, TenantDb db, CancellationToken ct)
    {
        var message = await ListMessages.One(actor, id, db, ct); // Asks for the permission and the workspace.
        if (!message.IsOk) return message.Match<Result<Page<VisitSeen>>>(_ => ListMessages.NotFound, problem => problem);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<VisitSeen>(await tx.List(Select, row => new VisitSeen(row.GetFieldValue<DateTimeOffset>(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)), ct, actor.Tenant, id), null);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/messages/{id}/visits",
        async (Actor actor, MessageId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
