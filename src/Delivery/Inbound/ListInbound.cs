using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Inbound;

public readonly record struct InboundId(Guid Value) : ITypedId<InboundId>
{
    public static string Prefix => "inb";
    public static InboundId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out InboundId id) => TypedId.TryParse(text, out id);
}

/// <summary>What came back for a message.</summary>
/// <param name="Kind">bounce, delay, complaint, reply, auto_reply, unsubscribe, unmatched or unread.</param>
/// <param name="Excerpt">The writer's words or the server's diagnostic, at most 2,000 characters.</param>
/// <param name="Folder">Of the mailbox it was fetched from; null for what came to the edge.</param>
/// <param name="MatchedBy">What told which message it belongs to: token, message_id or recipient; empty for none.</param>
public sealed record Inbound(InboundId Id, string Kind, string Sender, string Recipient, string Subject, string Excerpt, DateTimeOffset ReceivedAt, string? Folder, string MatchedBy)
{
    internal static Inbound Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5),
        row.GetFieldValue<DateTimeOffset>(6), row.Text(7), row.GetString(8));
}

/// <summary>Everything that came back for one message, oldest first. Refuses with <c>permission.missing</c> or <c>message.not_found</c>.</summary>
public static class ListInbound
{
    const string Select = """
        select id, kind, sender, recipient, subject, excerpt, received_at, folder, matched_by
        from delivery.inbound
        where tenant_id = $1 and message_id = $2
        order by received_at
        limit 100
        """;

    public static async Task<Result<Page<Inbound>>> Handle(Actor actor, MessageId message, TenantDb db, CancellationToken ct)
    {
        var found = await ListMessages.One(actor, message, db, ct);
        if (found.Problem is { } problem) return problem;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<Inbound>(await tx.List(Select, Inbound.Read, ct, actor.Tenant, message), null);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/messages/{id}/inbound",
        async (Actor actor, MessageId id, TenantDb db, CancellationToken ct) => (await Handle(actor, id, db, ct)).ToHttp());
}
