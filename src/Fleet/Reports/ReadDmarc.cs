using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Reports;

/// <summary>What receivers report about a domain's mail.</summary>
/// <param name="Sentence">The whole in a sentence.</param>
/// <param name="Stage">none, quarantine or reject: as the newest report saw it published, else as it is set here.</param>
/// <param name="Sources">At most 500, strangers first.</param>
/// <param name="SourcesLeftOut">Further ones.</param>
/// <param name="IsCut">True when there were more rows than are looked at, so that the smallest are missing from the figures.</param>
public sealed record DmarcOverview(
    DomainId Domain, string Name, string Sentence, string Stage, StageAdvice Advice, ReportSample Sample, long Messages, long Passed, StageEvidence Evidence,
    IReadOnlyList<DmarcSource> Sources, int SourcesLeftOut, IReadOnlyList<DmarcDay> Days, bool IsCut)
{
    /// <summary>When the first report is to be expected; empty when there was one.</summary>
    public string Awaited { get; init; } = "";
}

/// <summary>A domain's DMARC reports by source, with whose each is, and what they say for the next stage of the policy. Reads what was reported; asks nobody.</summary>
/// <remarks>Counts only reports whose sender is proved. Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class ReadDmarc
{
    const int SourcesMax = 500;
    const int RowsMax = 20_000;

    // Reads index dmarc_row_day.
    const string Select = """
        select day, source, sum(messages)::bigint, disposition, is_dkim_aligned, is_spf_aligned, dkim_selector, spf_domain, spf_result, reasons, bool_or(is_in_spf), max(host)
        from fleet.dmarc_row
        where tenant_id = $1 and domain_id = $2 and day >= $3
        group by day, source, disposition, is_dkim_aligned, is_spf_aligned, dkim_selector, spf_domain, spf_result, reasons
        order by sum(messages) desc, source
        limit $4
        """;

    const string SelectStage = "select dmarc_stage from fleet.dns_setup where tenant_id = $1 and domain_id = $2";

    /// <param name="days">1 to 120; default 30.</param>
    public static async Task<Result<DmarcOverview>> Handle(Actor actor, DomainId id, int? days, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListDomains.Within(tx, workspace, id, ct) is not { } detail) return ListDomains.NotFound;
        return await Within(tx, detail, days, clock.GetUtcNow(), ct);
    }

    internal static async Task<DmarcOverview> Within(TenantTx tx, DomainDetail detail, int? days, DateTimeOffset now, CancellationToken ct)
    {
        var domain = detail.Domain;
        var seen = await ReportSample.Find(tx, domain.Id, "dmarc", days, now, ct);
        var rows = await tx.List(Select, Read, ct, tx.Tenant, domain.Id, seen.Since, RowsMax + 1);
        var set = await tx.Maybe(SelectStage, row => row.GetString(0), ct, tx.Tenant, domain.Id) ?? "none";
        var stage = seen.Policy.Length > 0 ? seen.Policy : set;
        var table = DmarcTable.Of([.. rows.Take(RowsMax)], await OwnSenders.Find(tx, domain, ct), stage);
        var evidence = Evidence(table, seen, stage);
        var advice = RecommendStage.Judge(evidence);
        var (messages, passed) = (table.Sources.Sum(source => source.Messages), table.Sources.Sum(source => source.Passed));
        return new(domain.Id, domain.Name, Sentence(messages, passed, seen, evidence, advice), stage, advice, seen, messages, passed, evidence,
            [.. table.Sources.Take(SourcesMax)], Math.Max(0, table.Sources.Count - SourcesMax), table.Days, rows.Count > RowsMax)
        { Awaited = ReportAwaited.Of(detail, seen, "dmarc", now) };
    }

    static StageEvidence Evidence(DmarcTable table, ReportSample seen, string stage)
    {
        var yours = table.Sources.Where(source => source.Class == SourceClass.Yours).ToList();
        var strangers = table.Sources.Where(source => source.Class == SourceClass.Stranger).ToList();
        return new(stage, seen.DaysReported, seen.DaysStrict, yours.Sum(source => source.Messages), yours.Sum(source => source.Passed), yours.Sum(source => source.Dkim),
            table.Sources.Where(source => source.Class == SourceClass.Forwarder).Sum(source => source.Messages - source.Passed), strangers.Count, strangers.Sum(source => source.Messages));
    }

    static string Sentence(long messages, long passed, ReportSample seen, StageEvidence evidence, StageAdvice advice)
    {
        if (messages == 0) return seen.Counted == 0 ? $"No report came in the last {seen.Days} days." : $"The reports of the last {seen.Days} days tell of no message.";
        var strangers = evidence.StrangerSources == 0 ? "no stranger sent any" : $"{Counted(evidence.StrangerSources, "stranger")} sent {RecommendStage.Count(evidence.StrangerMessages)}";
        return $"Of {Counted(messages, "message")} in the last {seen.Days} days {RecommendStage.Percent(passed, messages)} passed; {strangers}. {advice.Sentence}";
    }

    static string Counted(long count, string one) => $"{RecommendStage.Count(count)} {one}{(count == 1 ? "" : "s")}";

    static DmarcTable.Counted Read(NpgsqlDataReader row) => new(row.GetFieldValue<DateOnly>(0), new DmarcEntry(
        row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetBoolean(4), row.GetBoolean(5), "", "", "", row.GetString(6), "", row.GetString(7), row.GetString(8), row.GetFieldValue<string[]>(9),
        row.Maybe<bool>(10), row.GetString(11)));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/domains/{id}/reports/dmarc",
        async (Actor actor, DomainId id, int? days, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, days, db, clock, ct)).ToHttp());
}
