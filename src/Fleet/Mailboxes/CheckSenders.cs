using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>What a preflight must know of a mailbox.</summary>
/// <param name="DomainName">Null when the mailbox's domain is not in the workspace.</param>
/// <param name="DomainIsVerified">True when every required DNS record was right at the last check.</param>
/// <param name="MissingRecords">Kinds of required records that are not right.</param>
/// <param name="IsOffered">False when it belongs to another workspace that does not share it for sending.</param>
/// <param name="IsConsentLost">True while its provider wants its owner's consent again: it sends nothing until then.</param>
/// <param name="TestOk">Null when the connection was never tested.</param>
public sealed record SenderReadiness(
    MailboxId Id, string Address, string DisplayName, bool IsActive, string? DomainName, bool DomainIsVerified, IReadOnlyList<string> MissingRecords, bool? TestOk, int DailyCap, bool IsOffered, bool IsConsentLost);

/// <summary>Readiness of mailboxes for a workspace, in the caller's transaction. For other modules' slices; they check the permission.</summary>
public static class CheckSenders
{
    const string Select = """
        select m.id, m.address, m.display_name, m.state, d.name, coalesce(d.state = 'verified', false),
          array(select r.kind from fleet.domain_record r where r.tenant_id = d.tenant_id and r.domain_id = d.id and r.required and r.state <> 'ok' order by r.kind limit 20),
          m.test_ok, m.daily_cap,
          m.workspace_id = $3 or exists (select 1 from fleet.mailbox_share s where s.tenant_id = m.tenant_id and s.mailbox_id = m.id and s.workspace_id = $3 and s.may_send),
          m.consent_lost_at is not null
        from fleet.mailbox m
        left join fleet.domain d on d.tenant_id = m.tenant_id and d.id = m.domain_id
        where m.tenant_id = $1 and m.id = any($2)
        order by m.address
        limit 500
        """;

    public static Task<List<SenderReadiness>> Within(TenantTx tx, WorkspaceId workspace, IReadOnlyList<Guid> mailboxes, CancellationToken ct) =>
        tx.List(Select, Read, ct, tx.Tenant, mailboxes.ToArray(), workspace);

    static SenderReadiness Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.GetString(1), row.GetString(2), row.GetString(3) == "active", row.Text(4), row.GetBoolean(5),
        row.GetFieldValue<string[]>(6), row.Maybe<bool>(7), row.GetInt32(8), row.GetBoolean(9), row.GetBoolean(10));
}
