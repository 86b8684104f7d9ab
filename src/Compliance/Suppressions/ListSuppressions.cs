using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Suppressions;

/// <summary>What must not be mailed, newest first: the whole account's and the workspace's.</summary>
/// <remarks>Who is confined to a workspace sees what was entered there or came of its messages: the rest names other workspaces' recipients.
/// Refuses with <c>permission.missing</c> or <c>cursor.invalid</c>.</remarks>
public static class ListSuppressions
{
    /// <param name="Search">Start of an address or domain, at most 254 characters.</param>
    /// <param name="Reason">bounce, complaint, unsubscribe or manual.</param>
    public sealed record Input(string? Search = null, SuppressionReason? Reason = null, string? Cursor = null, int? Limit = null);

    const string Select = """
        select id, workspace_id, kind, value, reason, source, note, created_at, workspace_id is null and origin_workspace_id is null and source <> 'api'
        from compliance.suppression
        where tenant_id = $1
          and ($2::uuid is null or workspace_id is null or workspace_id = $2)
          and ($7::uuid is null or $7 in (workspace_id, origin_workspace_id))
          and ($3::text is null or starts_with(value, $3))
          and ($4::text is null or reason = $4)
          and ($5::uuid is null or id < $5)
        order by id desc
        limit $6
        """;

    public static async Task<Result<Page<Suppression>>> Handle(Actor actor, Input input, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SuppressionsRead)) return Actor.Forbidden(Permissions.SuppressionsRead);
        if (!Cursor.TryDecodeId(input.Cursor, out var after)) return Cursor.Broken;
        var limit = Cursor.Limit(input.Limit);
        var search = string.IsNullOrWhiteSpace(input.Search) ? null : input.Search.Trim().ToLowerInvariant();
        if (search is not null && search.Contains('\0', StringComparison.Ordinal)) return new Page<Suppression>([], null);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var rows = await tx.List(Select, Suppression.Read, ct, actor.Tenant, actor.Workspace, search,
            input.Reason is { } reason ? Words.Of(reason) : null, after, limit + 1, actor.ConfinedTo(Permissions.SuppressionsRead));
        return Page<Suppression>.Of(rows, limit, row => row.Id.Value.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/suppressions",
        async (Actor actor, string? search, string? reason, string? cursor, int? limit, TenantDb db, CancellationToken ct) =>
        {
            SuppressionReason? only = Enum.TryParse<SuppressionReason>(reason, ignoreCase: true, out var named) && Enum.IsDefined(named) && char.IsAsciiLetter(reason[0]) ? named : null;
            if (reason is not null && only is null)
                return Problem.Invalid("suppression.reason_unknown", new FieldProblem("reason", "bounce, complaint, unsubscribe or manual.")).ToHttp();
            return (await Handle(actor, new Input(search, only, cursor, limit), db, ct)).ToHttp();
        });
}
