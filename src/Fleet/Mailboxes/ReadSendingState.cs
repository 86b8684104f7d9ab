using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>What a mailbox may send, and what keeps it from sending. Without its secret.</summary>
/// <param name="Domain">Of its address.</param>
/// <param name="Server">Host of its outgoing server; the address its mail leaves from where it goes straight to the recipients' servers (<see cref="DirectRoute.Key"/>).</param>
/// <param name="DomainFault">What the last check of its domain found that receivers refuse or file away; null when nothing.</param>
public sealed record SendingState(
    MailboxId Id, WorkspaceId Workspace, string Address, string Domain, string Server, bool IsPaused, bool IsConsentLost, int DailyCap, int GapSeconds, string? DomainFault);

/// <summary>Reads whether a mailbox may send, in the caller's transaction.</summary>
public static class ReadSendingState
{
    // Authentication that broke and listings reach every message; what else is wrong with a domain does not stop its mail.
    const string Select = """
        select m.id, m.workspace_id, m.address, case when d.transport = 'direct' then coalesce(nullif(d.source_address, ''), 'direct') else m.smtp_host end,
          m.state = 'paused', m.consent_lost_at is not null, m.daily_cap, m.gap_seconds, (
          select f.what
          from fleet.health_finding f
          where f.tenant_id = m.tenant_id and f.domain_id = m.domain_id and f.severity = 'act' and (f.code = 'dns.records' or starts_with(f.code, 'blocklist.'))
          order by f.code
          limit 1)
        from fleet.mailbox m
        left join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        where m.tenant_id = $1 and m.id = any($2)
        order by m.id
        limit 10000
        """;

    /// <returns>Those that exist.</returns>
    public static Task<List<SendingState>> Within(TenantTx tx, IReadOnlyCollection<Guid> mailboxes, CancellationToken ct) =>
        tx.List(Select, Read, ct, tx.Tenant, mailboxes.ToArray());

    const string SelectSends = """
        select 1
        from fleet.mailbox m
        left join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        where m.tenant_id = $1 and ($2::text is null or split_part(m.address, '@', -1) = $2)
          and ($3::text is null or (case when d.transport = 'direct' then coalesce(nullif(d.source_address, ''), 'direct') else lower(m.smtp_host) end) = $3)
        limit 1
        """;

    /// <summary>Whether a mailbox of the account sends under this domain, or over this server or from this address; null leaves either open.</summary>
    public static async Task<bool> Sends(TenantTx tx, string? domain, string? server, CancellationToken ct) => (await tx.List(SelectSends, row => row.GetInt32(0), ct, tx.Tenant, domain, server)).Count > 0;

    static SendingState Read(NpgsqlDataReader row)
    {
        var address = row.GetString(2);
        return new(new(row.GetGuid(0)), new(row.GetGuid(1)), address, address[(address.LastIndexOf('@') + 1)..], row.GetString(3),
            row.GetBoolean(4), row.GetBoolean(5), row.GetInt32(6), row.GetInt32(7), row.Text(8));
    }
}
