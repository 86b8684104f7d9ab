using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Inbound;

/// <summary>What came to our own addresses and belongs to no message that is known, or to one without being readable as an answer; newest first. Nothing is thrown away unseen.</summary>
/// <remarks>Of mail fetched over IMAP what matches nothing is not kept, so it is not here either. Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListUnmatched
{
    /// <param name="Search">Start of the sender's address, or of the address it was for.</param>
    public sealed record Input(string? Search = null, string? Cursor = null, int? Limit = null);

    // Reads index inbound_unmatched.
    const string Select = """
        select id, kind, sender, recipient, subject, excerpt, received_at, folder, matched_by
        from delivery.inbound
        where tenant_id = $1 and kind = 'unmatched'
          and ($2::uuid is null or workspace_id = $2)
          and ($3::text is null or starts_with(sender, $3) or starts_with(recipient, $3))
          and ($4::uuid is null or id < $4)
        order by id desc
        limit $5
        """;

    public static async Task<Result<Page<Inbound>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        if (!Cursor.TryDecodeId(input.Cursor, out var after)) return Cursor.Broken;
        var search = string.IsNullOrWhiteSpace(input.Search) ? null : input.Search.Trim().ToLowerInvariant().Replace("\0", "", StringComparison.Ordinal);
        var limit = Cursor.Limit(input.Limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, Inbound.Read, ct, actor.Tenant, actor.Workspace, search, after, limit + 1);
        return Page<Inbound>.Of(rows, limit, row => row.Id.Value.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/inbox/unmatched",
        async (Actor actor, string? search, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, new(search, cursor, limit), db, ct)).ToHttp());
}
