using PenguinMails.Accounts;
using PenguinMails.Accounts.Mails;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Oversight.Reports;

/// <summary>The job that makes scheduled reports when the figures of their period are closed, and mails the weekly one to who asked for it.</summary>
/// <remarks>Bears running twice: a period has one scheduled report of a kind, a reader one mail a week.</remarks>
static class ScheduledReports
{
    public const string Kind = "oversight.reports";
    const int EverySeconds = 3600;

    // Figures are closed four times a day: half a day later the last of them surely is.
    static readonly TimeSpan AfterClosing = TimeSpan.FromHours(12);

    const string SelectMade = "select 1 from oversight.report where tenant_id = $1 and kind = $2 and period = $3 and is_scheduled limit 1";

    const string SelectReaders = """
        select user_id
        from oversight.report_reader
        where tenant_id = $1 and weekday <= $2 and (mailed_week is null or mailed_week < $3)
        order by user_id
        limit 500
        """;

    const string SelectWeekly = """
        select id, kind, period, data_cut, plan_version_id, plan_sha256, engine, definitions, builder, sha256, unsupported, is_scheduled, built_by, built_at, model
        from oversight.report
        where tenant_id = $1 and kind = 'weekly' and is_scheduled
        order by period desc
        limit 1
        """;

    const string Mailed = "update oversight.report_reader set mailed_week = $3 where tenant_id = $1 and user_id = $2 and (mailed_week is null or mailed_week < $3)";

    const string Gone = "delete from oversight.report_reader where tenant_id = $1 and user_id = $2";

    const string HasReaders = "select count(*) from oversight.report_reader where tenant_id = $1";

    public static void AddTo(JobKinds jobs) => jobs.Every(Kind, EverySeconds, Run);

    static async Task Run(JobRun run, CancellationToken ct)
    {
        var (clock, settings, web) = (run.Need<TimeProvider>(), run.Need<OversightSettings>(), run.Need<PublicWeb>());
        var tenants = await ListTenants.Handle(run.Db, ct);
        for (var i = 0; i < tenants.Count; i++)
        {
            await One(tenants[i], run.Db, settings, web, clock, ct);
            await run.Progress(i + 1, tenants.Count, null, ct);
        }
    }

    internal static async Task One(TenantId tenant, TenantDb db, OversightSettings settings, PublicWeb web, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        List<ReportKind> kinds;
        await using (var asking = await db.Begin(tenant, ct))
        {
            kinds = [.. await ScheduleReport.Within(asking, ct)];
            if (!kinds.Contains(ReportKind.Weekly) && await asking.One(HasReaders, row => row.GetInt64(0), ct, tenant) > 0) kinds.Add(ReportKind.Weekly);
        }

        foreach (var kind in kinds) await Make(tenant, kind, db, settings, now, ct);
        if (kinds.Contains(ReportKind.Weekly)) await Mail(tenant, db, web, now, ct);
    }

    static async Task Make(TenantId tenant, ReportKind kind, TenantDb db, OversightSettings settings, DateTimeOffset now, CancellationToken ct)
    {
        var from = ReportPeriods.Due(kind, DateOnly.FromDateTime((now - AfterClosing).UtcDateTime));
        await using var tx = await db.Begin(tenant, ct);
        if ((await tx.List(SelectMade, row => row.GetInt32(0), ct, tenant, ReportPeriods.Word(kind), from)).Count > 0) return;
        var facts = await ReadReportFacts.Within(tx, kind, from, BuildReport.Microseconds(now), null, [], settings.Company == tenant, ct);
        var kept = await Report.Keep(tx, ReportBuilder.Build(facts), facts.Version, isScheduled: true, Actor.System(tenant).Label, now, ct);
        if (kept is null) return; // Another worker was first.
        await tx.Append(Actor.System(tenant), "report.built", kept.Id.ToString(), new { kind = ReportPeriods.Word(kind), period = from, sha256 = kept.Sha256 }, now, ct);
        await tx.Commit(ct);
    }

    static async Task Mail(TenantId tenant, TenantDb db, PublicWeb web, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var monday = Kpis.AccountFacts.Monday(today);
        await using var tx = await db.Begin(tenant, ct);
        var readers = await tx.List(SelectReaders, row => new UserId(row.GetGuid(0)), ct, tenant, (short)MailWeekly.WeekdayOf(today), monday);
        if (readers.Count == 0 || await tx.Maybe(SelectWeekly, row => new KeptReport(Report.Read(row), row.GetString(14)), ct, tenant) is not { } newest) return;
        var (subject, text, html) = WeeklyText.Mail(newest.Model, new Uri(web.Root, $"reports/{newest.Report.Id}"), new Uri(web.Root, "reports#mail"));
        foreach (var reader in readers)
        {
            if (await tx.Execute(Mailed, ct, tenant, reader, monday) == 0) continue; // Another worker was first.
            if (!await MailMember.Within(tx, reader, subject, text, html, now, ct)) await tx.Execute(Gone, ct, tenant, reader);
        }

        await tx.Commit(ct);
    }
}
