using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Suppressions;

/// <summary>Suppressions of the whole account from before their origin was kept, and telling it. In the caller's transaction.</summary>
public static class TellOrigin
{
    /// <param name="Message">That brought it about.</param>
    public sealed record Unknown(SuppressionId Id, Guid Message);

    // Reads index suppression_origin_unknown.
    const string Select = """
        select id, message_id
        from compliance.suppression
        where tenant_id = $1 and workspace_id is null and origin_workspace_id is null and message_id is not null and id > $2
        order by id
        limit $3
        """;

    const string Save = """
        update compliance.suppression s
        set origin_workspace_id = o.workspace_id
        from unnest($2::uuid[], $3::uuid[]) as o (id, workspace_id)
        where s.tenant_id = $1 and s.id = o.id and s.workspace_id is null and s.origin_workspace_id is null
        """;

    /// <summary>By id, behind <paramref name="after"/>.</summary>
    /// <param name="limit">1 to 1,000.</param>
    public static Task<List<Unknown>> Missing(TenantTx tx, Guid after, int limit, CancellationToken ct) =>
        tx.List(Select, row => new Unknown(new(row.GetGuid(0)), row.GetGuid(1)), ct, tx.Tenant, after, limit);

    /// <returns>How many had none.</returns>
    public static Task<int> Within(TenantTx tx, IReadOnlyList<(SuppressionId Id, WorkspaceId Workspace)> origins, CancellationToken ct) =>
        tx.Execute(Save, ct, tx.Tenant, origins.Select(one => one.Id.Value).ToArray(), origins.Select(one => one.Workspace.Value).ToArray());
}
