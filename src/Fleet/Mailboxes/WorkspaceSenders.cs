using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>How far something that mail is sent from is a workspace's.</summary>
public enum Holding
{
    /// <summary>The workspace sends nothing from it.</summary>
    None,

    /// <summary>Another workspace sends from it too, so its figures are not this one's alone.</summary>
    Shared,

    /// <summary>No other workspace sends from it.</summary>
    Whole,
}

/// <summary>What a workspace sends from: its own mailboxes and those lent to it, with their domains and outgoing servers. For lists of who is confined to it.</summary>
public sealed class WorkspaceSenders
{
    const string Select = """
        with sender as (
          select m.id, split_part(m.address, '@', -1) as domain, case when d.transport = 'direct' then coalesce(nullif(d.source_address, ''), 'direct') else m.smtp_host end as server, w.id as workspace_id
          from fleet.mailbox m
          left join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
          cross join lateral (
            select m.workspace_id as id
            union
            select s.workspace_id from fleet.mailbox_share s where s.tenant_id = $1 and s.mailbox_id = m.id and s.may_send) w
          where m.tenant_id = $1),
        shared as (
          select workspace_id, id,
            min(workspace_id::text) over (partition by id) <> max(workspace_id::text) over (partition by id) as mailbox,
            domain, min(workspace_id::text) over (partition by domain) <> max(workspace_id::text) over (partition by domain) as under,
            server, min(workspace_id::text) over (partition by server) <> max(workspace_id::text) over (partition by server) as over
          from sender)
        select id, mailbox, domain, under, server, over
        from shared
        where workspace_id = $2
        order by id
        limit 100000
        """;

    readonly Dictionary<(string Kind, string Key), Holding> _held = [];

    public static async Task<WorkspaceSenders> Read(TenantTx tx, WorkspaceId workspace, CancellationToken ct)
    {
        var senders = new WorkspaceSenders();
        var rows = await tx.List(Select, row => (Id: row.GetGuid(0), Mailbox: row.GetBoolean(1), Domain: row.GetString(2), Under: row.GetBoolean(3), Server: row.GetString(4), Over: row.GetBoolean(5)), ct, tx.Tenant, workspace);
        foreach (var row in rows)
        {
            senders._held[("mailbox", row.Id.ToString("N"))] = Of(row.Mailbox);
            senders._held[("domain", row.Domain)] = Of(row.Under);
            senders._held[("server", row.Server)] = Of(row.Over);
        }

        return senders;

        static Holding Of(bool isShared) => isShared ? Holding.Shared : Holding.Whole;
    }

    public Guid[] Mailboxes => [.. _held.Keys.Where(held => held.Kind == "mailbox").Select(held => Guid.Parse(held.Key))];

    /// <param name="kind">mailbox, domain or server.</param>
    /// <param name="key">A mailbox's id without prefix, or a name.</param>
    public Holding Of(string kind, string key) => _held.GetValueOrDefault((kind, key));
}
