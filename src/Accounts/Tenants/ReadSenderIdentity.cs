using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Tenants;

/// <summary>Who a workspace's messages come from, as the law wants it in every message (rules L-US-06, L-ALL-02).</summary>
/// <param name="SenderName">Legal name; empty when not entered yet.</param>
/// <param name="PostalAddress">Street, PO box or registered agency; empty when not entered yet.</param>
public sealed record SenderIdentity(string SenderName, string PostalAddress);

/// <summary>Reads the sender identity of a workspace in the caller's transaction. For other modules' slices; they check the permission.</summary>
public static class ReadSenderIdentity
{
    const string Select = "select sender_name, postal_address from accounts.workspace where tenant_id = $1 and id = $2";

    /// <summary>Empty texts when there is no such workspace.</summary>
    public static async Task<SenderIdentity> Within(TenantTx tx, WorkspaceId workspace, CancellationToken ct) =>
        await tx.Maybe(Select, row => new SenderIdentity(row.GetString(0), row.GetString(1)), ct, tx.Tenant, workspace) ?? new SenderIdentity("", "");
}
