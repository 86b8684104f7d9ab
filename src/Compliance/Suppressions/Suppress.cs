using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Suppressions;

/// <summary>Records that an address must not be mailed, as a consequence of something that happened. Runs inside the caller's transaction.</summary>
public static class Suppress
{
    const string Insert = """
        insert into compliance.suppression (tenant_id, id, workspace_id, kind, value, reason, source, message_id, note, created_at, origin_workspace_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict on constraint suppression_once do nothing
        """;

    /// <param name="workspace">Null for the whole tenant: the default for unsubscribes and complaints (rule L-ALL-01).</param>
    /// <param name="origin">Where it happened; null when it belongs to the account, as what is entered for all of it by hand.</param>
    /// <returns>False when it was suppressed already; the first reason stays.</returns>
    public static async Task<bool> Within(
        TenantTx tx, WorkspaceId? workspace, WorkspaceId? origin, SuppressionKind kind, string value, SuppressionReason reason, string source, Guid? messageId, string? note,
        DateTimeOffset now, CancellationToken ct) =>
        await tx.Execute(Insert, ct, tx.Tenant, TypedId.New<SuppressionId>(now), workspace, Words.Of(kind), value.ToLowerInvariant(),
            Words.Of(reason), source, messageId, note, now, origin) == 1;
}
