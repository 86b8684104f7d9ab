using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Evidence;

namespace PenguinMails.Delivery.Messages;

/// <summary>The ledger of a campaign, recipient by recipient, and one of its rows.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>cursor.invalid</c>, <c>message.state_unknown</c> or <c>message.not_found</c>.</remarks>
public static class ListMessages
{
    /// <param name="State">A word of <see cref="MessageState"/>, or replied, auto_replied, complained, unsubscribed, clicked.</param>
    /// <param name="Search">Start of the address.</param>
    public sealed record Input(CampaignId? CampaignId = null, string? State = null, string? Search = null, string? Cursor = null, int? Limit = null);

    static readonly string[] Marks = ["replied", "auto_replied", "complained", "unsubscribed", "clicked"];

    const string Select = """
        select id, campaign_id, step, contact_id, mailbox_id, address, state, reason, due_at, attempt, attempted_at, sent_at, smtp_code, smtp_status, smtp_text,
          bounce_class, bounce_category, replied_at, auto_replied_at, complained_at, unsubscribed_at, clicked_at, away_until
        from delivery.message
        where tenant_id = $1 and content_id is not null
          and ($2::uuid is null or workspace_id = $2)
          and ($3::uuid is null or campaign_id = $3)
          and ($4::text is null or state = $4)
          and case $5::text when 'replied' then replied_at is not null when 'auto_replied' then auto_replied_at is not null
            when 'complained' then complained_at is not null when 'unsubscribed' then unsubscribed_at is not null
            when 'clicked' then clicked_at is not null else true end
          and ($6::text is null or starts_with(address, $6))
          and ($7::uuid is null or id > $7)
        order by id
        limit $8
        """;

    const string SelectOne = """
        select id, campaign_id, step, contact_id, mailbox_id, address, state, reason, due_at, attempt, attempted_at, sent_at, smtp_code, smtp_status, smtp_text,
          bounce_class, bounce_category, replied_at, auto_replied_at, complained_at, unsubscribed_at, clicked_at, away_until
        from delivery.message
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2) and id = $3
        """;

    public static async Task<Result<Page<Message>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        if (!Cursor.TryDecodeId(input.Cursor, out var after)) return Cursor.Broken;
        var mark = Marks.Contains(input.State, StringComparer.Ordinal) ? input.State : null;
        if (input.State is not null && mark is null && !MessageStates.TryParse(input.State, out _))
            return Problem.Invalid("message.state_unknown", new FieldProblem("state", "queued, sending, sent, deferred, bounced, failed, dropped, in_doubt, " + string.Join(", ", Marks) + "."));
        var search = string.IsNullOrWhiteSpace(input.Search) ? null : input.Search.Trim().ToLowerInvariant().Replace("\0", "", StringComparison.Ordinal);
        var limit = Cursor.Limit(input.Limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, Message.Read, ct, actor.Tenant, actor.Workspace, input.CampaignId, mark is null ? input.State : null, mark, search, after, limit + 1);
        return Page<Message>.Of(rows, limit, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Message>> One(Actor actor, MessageId id, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var found = await tx.Maybe(SelectOne, Message.Read, ct, actor.Tenant, actor.Workspace, id);
        return found is null ? NotFound : found with { Evidence = await EvidenceBook.Read(tx, id, ct) };
    }

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "message.not_found", "There is no such message in this workspace.");

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/messages/{id}",
        async (Actor actor, MessageId id, TenantDb db, CancellationToken ct) => (await One(actor, id, db, ct)).ToHttp());
}
