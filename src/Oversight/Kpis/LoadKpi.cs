using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;

namespace PenguinMails.Oversight.Kpis;

/// <summary>Takes values of a KPI that nothing here can count yet from a CSV file: all of them or none.</summary>
/// <remarks>Columns <c>start,value</c>, or <c>start,num,den</c> for a rate. A period that is there already is replaced, and its line and file are kept with it.
/// Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>kpi.not_found</c>, <c>kpi.counted_here</c> or <c>kpi.invalid</c> with every fault and its line.</remarks>
public static class LoadKpi
{
    /// <param name="File">Name of the file, for people who look where a number came from; 1 to 200 characters.</param>
    /// <param name="Currency">ISO 4217, for money; null for everything else.</param>
    public sealed record Input(string Csv, string File, string? Currency = null);

    /// <param name="Changed">Periods that are new or have another value now.</param>
    public sealed record Output(string Kpi, int Rows, int Changed, string Load);

    const string Insert = "insert into oversight.kpi_load (tenant_id, id, kpi, file, sha256, rows, loaded_by, loaded_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";

    const string OtherUnit = "select unit from oversight.kpi_value where tenant_id = $1 and kpi = $2 and unit <> $3 and start <> all($4) limit 1";

    public static async Task<Result<Output>> Handle(Actor actor, string key, Input input, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (KpiCatalog.Find(key) is not { } kpi || !ListKpis.IsShown(kpi, actor, settings)) return ListKpis.NotFound;
        if (kpi.Source == KpiSource.Facts) return new Problem(ProblemKind.Conflict, "kpi.counted_here", $"{kpi.Name} is counted from what happens here and takes no values from outside.");
        var now = clock.GetUtcNow();
        var (values, faults) = await KpiFile.Read(kpi, input.Csv, input.Currency, DateOnly.FromDateTime(now.UtcDateTime), ct);
        if (input.File.Trim().Length is 0 or > 200 || input.File.Any(char.IsControl)) faults = [new("file", "1 to 200 characters."), .. faults];
        if (faults.Count > 0) return Problem.Invalid("kpi.invalid", [.. faults]);

        await using var tx = await db.Begin(actor.Tenant, ct);
        var unit = KpiFile.Unit(kpi, input.Currency);
        if (kpi.Kind == MetricKind.Money && await tx.Maybe(OtherUnit, row => row.GetString(0), ct, actor.Tenant, kpi.Key, unit, values.Select(value => value.Start).ToArray()) is { } other)
            return Problem.Invalid("kpi.invalid", new FieldProblem("currency", $"The values there are in {other}; one series has one currency. Convert these, or load every period there is in one file."));
        var load = Guid.CreateVersion7(now);
        await tx.Execute(Insert, ct, actor.Tenant, load, kpi.Key, input.File.Trim(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(input.Csv))), values.Count, actor.Label, now);
        var changed = await KpiBook.Write(tx, [.. values.Select(value => (kpi.Key, value))], load, now, ct);
        await JudgeKpis.Within(tx, now, ct);
        await tx.Append(actor, "kpi.loaded", kpi.Key, new { rows = values.Count, changed }, now, ct);
        await tx.Commit(ct);
        return new Output(kpi.Key, values.Count, changed, load.ToString("N"));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/kpis/{kpi}/values",
        async (Actor actor, string kpi, Input input, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) => (await Handle(actor, kpi, input, db, settings, clock, ct)).ToHttp());
}
