using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>A part of a tenant that works by itself: a client of an agency, a team.</summary>
/// <param name="SenderName">Who mail from here is from, as its footer says.</param>
/// <param name="PostalAddress">Lines separated by LF; empty until given. Without it no campaign may start.</param>
/// <param name="ArchivedAt">Null while in use.</param>
public sealed record Workspace(
    WorkspaceId Id, string Name, string SenderName, string PostalAddress, DateTimeOffset CreatedAt, DateTimeOffset? ArchivedAt)
{
    internal const int PostalAddressLengthMax = 500;

    const string InsertRow = """
        insert into accounts.workspace (tenant_id, id, name, sender_name, postal_address, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint workspace_name_once do nothing
        """;

    const string SelectOne = """
        select id, name, sender_name, postal_address, created_at, archived_at
        from accounts.workspace
        where tenant_id = $1 and id = $2
        """;

    /// <returns>False when the name is taken.</returns>
    internal static async Task<bool> Insert(
        TenantTx tx, WorkspaceId id, string name, string senderName, string postalAddress, DateTimeOffset now, CancellationToken ct) =>
        await tx.Execute(InsertRow, ct, tx.Tenant, id, name, senderName, postalAddress, now) == 1;

    /// <summary>For modules that need who mail is from; null when there is none of this id in the tenant.</summary>
    public static Task<Workspace?> Find(TenantTx tx, WorkspaceId id, CancellationToken ct) => tx.Maybe(SelectOne, Read, ct, tx.Tenant, id);

    internal static Workspace Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.Maybe<DateTimeOffset>(5));
}
