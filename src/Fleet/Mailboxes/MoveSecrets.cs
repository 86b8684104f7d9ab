using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Jobs;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Moves passwords that were sealed into mailbox rows into the secret store, and empties the columns. Until then they stay readable where they are.</summary>
/// <remarks>Bears being broken off anywhere: a password that was stored but not noted is found in the store and noted.</remarks>
static class MoveSecrets
{
    public const string Kind = "fleet.move_secrets";
    public const int EverySeconds = 3600;
    const int BatchMax = 100;

    const string SelectTenants = "select distinct tenant_id from fleet.mailbox_route order by tenant_id limit 1000000";

    // Reads index mailbox_secret_to_move.
    const string SelectSealed = """
        select id, smtp_secret_sealed, imap_secret_sealed
        from fleet.mailbox
        where tenant_id = $1 and id > $2 and (smtp_secret_sealed is not null or imap_secret_sealed is not null)
        order by id
        limit $3
        """;

    // Only while the same box is there: who changed the password meanwhile has stored the new one already.
    const string NoteSmtp = "update fleet.mailbox set smtp_secret_version = $3, smtp_secret_sealed = null where tenant_id = $1 and id = $2 and smtp_secret_sealed = $4";

    const string NoteImap = "update fleet.mailbox set imap_secret_version = $3, imap_secret_sealed = null where tenant_id = $1 and id = $2 and imap_secret_sealed = $4";

    sealed record Row(MailboxId Id, byte[]? Smtp, byte[]? Imap);

    public static async Task Run(JobRun run, CancellationToken ct)
    {
        List<TenantId> tenants;
        await using (var tx = await run.Db.BeginUnscoped(ct)) tenants = await tx.List(SelectTenants, row => new TenantId(row.GetGuid(0)), ct);
        foreach (var tenant in tenants) await Tenant(tenant, run, ct);
    }

    internal static async Task Tenant(TenantId tenant, JobRun run, CancellationToken ct)
    {
        var after = Guid.Empty;
        while (true)
        {
            List<Row> rows;
            await using (var tx = await run.Db.Begin(tenant, ct)) rows = await tx.List(SelectSealed, Read, ct, tenant, after, BatchMax);
            foreach (var row in rows)
            {
                if (row.Smtp is { } smtp) await Move(tenant, row.Id, true, smtp, run, ct);
                if (row.Imap is { } imap) await Move(tenant, row.Id, false, imap, run, ct);
            }

            if (rows.Count < BatchMax) return;
            after = rows[^1].Id.Value;
        }
    }

    static async Task Move(TenantId tenant, MailboxId id, bool isSmtp, byte[] held, JobRun run, CancellationToken ct)
    {
        var (secrets, access) = (run.Need<MailboxSecrets>(), SecretAccess.Job(tenant, "moved out of the mailbox's row", Kind));
        var opened = await secrets.Open(access, new(id, isSmtp, null, held), ct);
        if (opened.Problem is not null) return;
        var kept = await secrets.Keep(access, id, isSmtp, opened.Value, null, isHosted: false, ct);
        if (kept.Problem is not null) return; // Sealed or unreachable: the next run tries again, and the row still works.
        await using var tx = await run.Db.Begin(tenant, ct);
        await tx.Execute(isSmtp ? NoteSmtp : NoteImap, ct, tenant, id, kept.Value, held);
        await tx.Commit(ct);
    }

    static Row Read(NpgsqlDataReader row) => new(new(row.GetGuid(0)), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2));
}
