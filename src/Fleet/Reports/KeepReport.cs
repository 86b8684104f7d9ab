using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Reports;

/// <summary>Writes down what a report was found to say, and throws away what is old.</summary>
static class KeepReport
{
    const string Again = """
        select 1
        from fleet.report
        where tenant_id = $1 and domain_id = $2 and id <> $3 and state in ('counted', 'set_aside')
          and kind = (select kind from fleet.report where tenant_id = $1 and id = $3) and reporter = $4 and org = $5 and report_key = $6 and begins_at = $7
        limit 1
        """;

    const string Drop = "delete from fleet.report where tenant_id = $1 and id = $2";

    // Reads index report_received.
    const string RowsToday = """
        select (select count(*) from fleet.report r join fleet.dmarc_row w on w.tenant_id = r.tenant_id and w.report_id = r.id where r.tenant_id = $1 and r.domain_id = $2 and r.received_at >= $3)
          + (select count(*) from fleet.report r join fleet.tls_row w on w.tenant_id = r.tenant_id and w.report_id = r.id where r.tenant_id = $1 and r.domain_id = $2 and r.received_at >= $3)
        """;

    const string Save = """
        update fleet.report
        set state = $3, reason = $4, raw = null, read_at = $5, reporter = $6, org = $7, contact = $8, report_key = $9, begins_at = $10, ends_at = $11, policy = $12, messages = $13, messages_left_out = $14
        where tenant_id = $1 and id = $2 and state = 'received'
        """;

    const string InsertDmarc = """
        insert into fleet.dmarc_row (tenant_id, report_id, line, domain_id, day, source, messages, disposition, is_dkim_aligned, is_spf_aligned, header_from, envelope_from,
          dkim_domain, dkim_selector, dkim_result, spf_domain, spf_result, reasons, is_in_spf, host)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        """;

    const string InsertTls = """
        insert into fleet.tls_row (tenant_id, report_id, line, domain_id, day, policy_type, policy_domain, result, successes, failures, mx_host, sending_ip, detail)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    const string Prune = """
        delete from fleet.report
        where tenant_id = $1 and domain_id = $2 and ((state in ('rejected', 'set_aside') and received_at < $3) or received_at < $4)
        """;

    /// <summary>A report that came before, from the same proved sender with the same id and time, is dropped.</summary>
    public static async Task Within(TenantTx tx, ReportId id, DomainId domain, DateTimeOffset receivedAt, ReportVerdict verdict, string reporter, DateTimeOffset now, CancellationToken ct)
    {
        if (verdict.State != ReportVerdict.Rejected && (await tx.List(Again, row => row.GetInt32(0), ct, tx.Tenant, domain, id, reporter, verdict.Organisation, verdict.Key, verdict.BeginsAt)).Count > 0)
        {
            await tx.Execute(Drop, ct, tx.Tenant, id);
            return;
        }

        var today = await tx.One(RowsToday, row => row.GetInt64(0), ct, tx.Tenant, domain, new DateTimeOffset(receivedAt.UtcDateTime.Date, TimeSpan.Zero));
        var room = (int)Math.Clamp(ReportLimits.RowsPerDayMax - today, 0, ReportLimits.RowsMax);
        var (dmarc, tls) = (verdict.Dmarc.Take(room).ToList(), verdict.Tls.Take(room).ToList());
        var leftOut = verdict.Dmarc.Skip(room).Sum(row => row.Messages) + verdict.Tls.Skip(room).Where(row => row.Result.Length == 0).Sum(row => row.Successes + row.Failures);
        await tx.Execute(Save, ct, tx.Tenant, id, verdict.State, verdict.Reason, now, reporter, verdict.Organisation, verdict.Contact, verdict.Key, verdict.BeginsAt, verdict.EndsAt, verdict.Policy, verdict.Messages, leftOut);
        var day = DateOnly.FromDateTime((verdict.BeginsAt ?? now).UtcDateTime);
        for (var i = 0; i < dmarc.Count; i++)
            if (dmarc[i] is var row)
                tx.Later(InsertDmarc, tx.Tenant, id, i, domain, day, row.Source, row.Messages, row.Disposition, row.IsDkimAligned, row.IsSpfAligned, row.HeaderFrom, row.EnvelopeFrom,
                    row.DkimDomain, row.DkimSelector, row.DkimResult, row.SpfDomain, row.SpfResult, row.Reasons.ToArray(), row.IsInSpf, row.Host);
        for (var i = 0; i < tls.Count; i++)
            if (tls[i] is var row)
                tx.Later(InsertTls, tx.Tenant, id, i, domain, day, row.PolicyType, row.PolicyDomain, row.Result, row.Successes, row.Failures, row.MxHost, row.SendingIp, row.Detail);
    }

    /// <summary>Counted reports go after 120 days, the others after 30, each with its rows.</summary>
    public static void Forget(TenantTx tx, DomainId domain, DateTimeOffset now) =>
        tx.Later(Prune, tx.Tenant, domain, now.AddDays(-ReportLimits.DaysAside), now.AddDays(-ReportLimits.DaysKept));
}
