using PenguinMails.Campaigns.Contacts;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Imports;

/// <summary>Rows that were read and judged, up to a number.</summary>
sealed record ImportBatch(long RowsRead, List<GoodRow> Good, List<BadRow> Bad);

/// <summary>Writes one batch of an import together with its counts, in one transaction.</summary>
static class WriteRows
{
    sealed record Written(long Added, long Changed);

    const string InsertSkip = """
        with rows as (
          select r.id, r.email, r.first_name, r.last_name, r.company, r.attributes, r.is_role, r.is_consumer,
            r.country, r.presumed, r.zone, r.kind, r.basis, r.evidence, r.obtained_on, r.expires_on
          from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[],
            $14::text[], $15::boolean[], $16::text[], $17::text[], $18::text[], $19::text[], $20::date[], $21::date[])
            as r (id, email, first_name, last_name, company, attributes, is_role, is_consumer, country, presumed, zone, kind, basis, evidence, obtained_on, expires_on)),
        made as (
          insert into campaigns.contact (tenant_id, id, workspace_id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at, updated_at,
            country, is_country_presumed, zone, recipient_kind, basis, evidence, obtained_on, expires_on)
          select $1, r.id, $2, r.email, r.first_name, r.last_name, r.company, r.attributes::jsonb, r.is_role, r.is_consumer, $12, $3, $3,
            r.country, r.presumed, r.zone, r.kind, r.basis, r.evidence, r.obtained_on, r.expires_on
          from rows r
          on conflict on constraint contact_once do nothing
          returning id),
        added as (
          insert into campaigns.list_member (tenant_id, list_id, contact_id)
          select $1, $13, made.id
          from made
          returning 1)
        select count(*), 0::bigint from added
        """;

    const string InsertUpdate = """
        with rows as (
          select r.id, r.email, r.first_name, r.last_name, r.company, r.attributes, r.is_role, r.is_consumer,
            r.country, r.presumed, r.zone, r.kind, r.basis, r.evidence, r.obtained_on, r.expires_on
          from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::boolean[],
            $14::text[], $15::boolean[], $16::text[], $17::text[], $18::text[], $19::text[], $20::date[], $21::date[])
            as r (id, email, first_name, last_name, company, attributes, is_role, is_consumer, country, presumed, zone, kind, basis, evidence, obtained_on, expires_on)),
        made as (
          insert into campaigns.contact as c (tenant_id, id, workspace_id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at, updated_at,
            country, is_country_presumed, zone, recipient_kind, basis, evidence, obtained_on, expires_on)
          select $1, r.id, $2, r.email, r.first_name, r.last_name, r.company, r.attributes::jsonb, r.is_role, r.is_consumer, $12, $3, $3,
            r.country, r.presumed, r.zone, r.kind, r.basis, r.evidence, r.obtained_on, r.expires_on
          from rows r
          on conflict on constraint contact_once do update
          set first_name = coalesce(nullif(excluded.first_name, ''), c.first_name), last_name = coalesce(nullif(excluded.last_name, ''), c.last_name),
            company = coalesce(nullif(excluded.company, ''), c.company), attributes = c.attributes || excluded.attributes, updated_at = excluded.updated_at,
            country = case when excluded.country = '' or excluded.is_country_presumed then c.country else excluded.country end,
            is_country_presumed = c.is_country_presumed and (excluded.country = '' or excluded.is_country_presumed),
            zone = coalesce(nullif(excluded.zone, ''), c.zone), recipient_kind = coalesce(nullif(excluded.recipient_kind, ''), c.recipient_kind),
            basis = case when excluded.basis = 'none' then c.basis else excluded.basis end, evidence = case when excluded.basis = 'none' then c.evidence else excluded.evidence end,
            obtained_on = case when excluded.basis = 'none' then c.obtained_on else excluded.obtained_on end, expires_on = case when excluded.basis = 'none' then c.expires_on else excluded.expires_on end
          returning c.id, (xmax = 0) as is_new),
        added as (
          insert into campaigns.list_member (tenant_id, list_id, contact_id)
          select $1, $13, made.id
          from made
          where made.is_new
          returning 1)
        select count(*) filter (where is_new), count(*) filter (where not is_new) from made
        """;

    // Contacts that were there before come into the list as well. Reads the index of contact_once.
    const string InsertMembers = """
        insert into campaigns.list_member (tenant_id, list_id, contact_id)
        select $1, $3, c.id
        from unnest($4::text[]) as r (email)
        join campaigns.contact c on c.tenant_id = $1 and c.workspace_id = $2 and c.email = r.email
        on conflict do nothing
        """;

    const string CountMembers = "update campaigns.list set contacts = contacts + $3 where tenant_id = $1 and id = $2";

    const string InsertErrors = """
        insert into campaigns.import_error (tenant_id, import_id, row_number, line, code, detail, raw)
        select $1, $2, e.row_number, e.line, e.code, e.detail, e.raw
        from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[]) as e (row_number, line, code, detail, raw)
        """;

    const string Count = """
        update campaigns.import
        set rows_read = $3, added = added + $4, updated = updated + $5, duplicates = duplicates + $6, rejected = rejected + $7
        where tenant_id = $1 and id = $2
        """;

    public static async Task Write(ImportContacts.Order order, Import import, ImportBatch batch, TenantDb db, TenantId tenant, DateTimeOffset now, CancellationToken ct)
    {
        var rows = batch.Good.GroupBy(r => r.Email, StringComparer.Ordinal).Select(g => import.Policy == "update" ? g.Last() : g.First()).ToList();
        // The ids in order, so that their indexes grow at the end.
        await using var tx = await db.Begin(tenant, ct);
        var written = await tx.One(import.Policy == "update" ? InsertUpdate : InsertSkip, row => new Written(row.GetInt64(0), row.GetInt64(1)), ct, [tenant, order.Workspace, now,
            rows.Select(_ => Guid.CreateVersion7(now)).Order().ToArray(), rows.Select(r => r.Email).ToArray(), rows.Select(r => r.FirstName).ToArray(), rows.Select(r => r.LastName).ToArray(),
            rows.Select(r => r.Company).ToArray(), rows.Select(r => r.Attributes).ToArray(), rows.Select(r => r.IsRole).ToArray(), rows.Select(r => r.IsConsumer).ToArray(),
            $"import of {import.FileName}", import.ListId, .. StandingArrays(rows)]);
        var members = written.Added == rows.Count ? 0 : await tx.Execute(InsertMembers, ct, tenant, order.Workspace, import.ListId, rows.Select(r => r.Email).ToArray());
        await tx.Execute(CountMembers, ct, tenant, import.ListId, written.Added + members);
        if (batch.Bad.Count > 0)
            await tx.Execute(InsertErrors, ct, tenant, import.Id, batch.Bad.Select(b => b.Number).ToArray(), batch.Bad.Select(b => b.Line).ToArray(),
                batch.Bad.Select(b => b.Code).ToArray(), batch.Bad.Select(b => b.Detail).ToArray(), batch.Bad.Select(b => b.Raw).ToArray());
        await tx.Execute(Count, ct, tenant, import.Id, batch.RowsRead, written.Added, written.Changed, batch.Good.Count - written.Added - written.Changed, (long)batch.Bad.Count);
        if (import.Policy == "update" && written.Changed > 0 && RowCheck.HasStanding(import.Mapping)) await SpreadStanding.Within(tx, order.Workspace, [.. rows.Select(r => r.Email)], now, ct);
        await tx.Commit(ct);
    }

    static object[] StandingArrays(List<GoodRow> rows) =>
    [
        rows.Select(r => r.Standing.Country).ToArray(), rows.Select(r => r.Standing.IsCountryPresumed).ToArray(), rows.Select(r => r.Standing.Zone).ToArray(), rows.Select(r => r.Standing.KindWord).ToArray(),
        rows.Select(r => BasisWords.Word(r.Standing.Basis)).ToArray(), rows.Select(r => r.Standing.Evidence).ToArray(), rows.Select(r => r.Standing.ObtainedOn).ToArray(), rows.Select(r => r.Standing.ExpiresOn).ToArray(),
    ];
}
