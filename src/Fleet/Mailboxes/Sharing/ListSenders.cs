using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Sharing;

/// <summary>A mailbox this workspace may use: its own, or one that another workspace of the account shares with it.</summary>
/// <param name="WorkspaceId">The one it belongs to.</param>
public sealed record OfferedMailbox(MailboxId Id, WorkspaceId WorkspaceId, string Address, string DisplayName, MailboxState State, int DailyCap, bool IsShared, bool MaySend, bool MayRead);

/// <summary>The mailboxes a workspace may use, its own and those shared with it, by address. Campaigns offer those that may send.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>workspace.missing</c>.</remarks>
public static class ListSenders
{
    const string Select = """
        select m.id, m.workspace_id, m.address, m.display_name, m.state, m.daily_cap, s.mailbox_id is not null, coalesce(s.may_send, true), coalesce(s.may_read, true)
        from fleet.mailbox m
        left join fleet.mailbox_share s on s.tenant_id = m.tenant_id and s.mailbox_id = m.id and s.workspace_id = $2
        where m.tenant_id = $1 and (m.workspace_id = $2 or s.mailbox_id is not null)
        order by m.address
        limit 1000
        """;

    const string Count = """
        select count(*)
        from fleet.mailbox m
        where m.tenant_id = $1 and m.id = any($3)
          and (m.workspace_id = $2 or exists (select 1 from fleet.mailbox_share s where s.tenant_id = $1 and s.mailbox_id = m.id and s.workspace_id = $2 and s.may_send))
        """;

    public static async Task<Result<Page<OfferedMailbox>>> Handle(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesRead)) return Actor.Forbidden(Permissions.MailboxesRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return new Page<OfferedMailbox>(await tx.List(Select, Read, ct, actor.Tenant, workspace), null);
    }

    /// <summary>How many of the mailboxes the workspace may send from. For other modules' slices; they check the permission.</summary>
    public static async Task<int> CountWithin(TenantTx tx, WorkspaceId workspace, IReadOnlyList<MailboxId> mailboxes, CancellationToken ct) =>
        (int)await tx.One(Count, row => row.GetInt64(0), ct, tx.Tenant, workspace, mailboxes.Select(id => id.Value).ToArray());

    static OfferedMailbox Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetString(3),
        row.GetString(4) == "paused" ? MailboxState.Paused : MailboxState.Active, row.GetInt32(5), row.GetBoolean(6), row.GetBoolean(7), row.GetBoolean(8));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/senders", async (Actor actor, TenantDb db, CancellationToken ct) => (await Handle(actor, db, ct)).ToHttp());
}
