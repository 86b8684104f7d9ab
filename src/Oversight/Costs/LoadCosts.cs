using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Oversight.Costs;

/// <summary>Takes billed costs from a CSV file: all of them or none. A file that is there already is refused, so that nothing counts twice.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>cost.too_large</c>, <c>cost.invalid</c> with every fault and its line, or <c>cost.loaded_already</c>.</remarks>
public static class LoadCosts
{
    /// <summary>Octets of a file, as UTF-8.</summary>
    public const int OctetsMax = 10 * 1024 * 1024;

    // In JSON a line break or a quote takes two octets.
    internal const long BodyOctetsMax = 2L * OctetsMax;

    /// <param name="File">Name of the file; 1 to 200 characters.</param>
    public sealed record Input(string Csv, string File);

    /// <param name="Total">In minor units, credits taken off.</param>
    public sealed record Output(CostLoadId Load, int Rows, long Total, string Currency);

    const string InsertLoad = """
        insert into oversight.cost_load (tenant_id, id, file, sha256, rows, currency, loaded_by, loaded_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (tenant_id, sha256) where withdrawn_at is null do nothing
        """;

    const string InsertRows = """
        insert into oversight.cost_row (tenant_id, load_id, line, billed_on, vendor, service, cost_line, amount, currency, cost_centre, is_cogs)
        select $1, $2, r.line, r.billed_on, r.vendor, r.service, r.cost_line, r.amount, $3, r.cost_centre, r.is_cogs
        from unnest($4::integer[], $5::date[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::boolean[]) as r (line, billed_on, vendor, service, cost_line, amount, cost_centre, is_cogs)
        """;

    const string OtherCurrency = "select currency from oversight.cost_load where tenant_id = $1 and withdrawn_at is null and currency <> $2 limit 1";

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (input.Csv.Length > OctetsMax || Encoding.UTF8.GetByteCount(input.Csv) > OctetsMax) return new Problem(ProblemKind.TooLarge, "cost.too_large", $"A file has at most {OctetsMax >> 20} MB. Split it by month.");
        if (Wording.Check("file", input.File, Wording.NameMax) is { } named) return Problem.Invalid("cost.invalid", named);
        var now = clock.GetUtcNow();
        var load = TypedId.New<CostLoadId>(now);
        var (rows, faults) = await CostFile.Read(input.Csv, load.Value, clock.Today(), ct);
        if (faults.Count > 0) return Problem.Invalid("cost.invalid", [.. faults]);

        await using var tx = await db.Begin(actor.Tenant, ct);
        var currency = rows[0].Currency;
        var wanted = (await CurrentPlan.Read(tx, ct))?.Plan.Head?.Text("currency") ?? await tx.Maybe(OtherCurrency, row => row.GetString(0), ct, actor.Tenant, currency);
        if (wanted is not null && wanted != currency) return Problem.Invalid("cost.invalid", new FieldProblem("currency", $"These costs are in {currency} and the account counts in {wanted}. Convert them first: a budget has one currency."));
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(input.Csv)));
        if (await tx.Execute(InsertLoad, ct, actor.Tenant, load, input.File.Trim(), sha256, rows.Count, currency, actor.Label, now) == 0)
            return new Problem(ProblemKind.Conflict, "cost.loaded_already", "This very file is loaded already. Withdraw that load first if it shall be read anew.");
        await Write(tx, load, currency, rows, ct);
        await tx.Append(actor, "costs.loaded", load.ToString(), new { rows = rows.Count, currency }, now, ct);
        await tx.Commit(ct);
        return new Output(load, rows.Count, rows.Sum(row => row.Amount), currency);
    }

    static Task<int> Write(TenantTx tx, CostLoadId load, string currency, List<CostRow> rows, CancellationToken ct) => tx.Execute(InsertRows, ct, tx.Tenant, load, currency,
        rows.Select(row => row.Line).ToArray(), rows.Select(row => row.BilledOn).ToArray(), rows.Select(row => row.Vendor).ToArray(), rows.Select(row => row.Service).ToArray(), rows.Select(row => row.CostLine).ToArray(),
        rows.Select(row => row.Amount).ToArray(), rows.Select(row => row.CostCentre).ToArray(), rows.Select(row => row.IsCogs).ToArray());

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/cost-loads",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/oversight/cost-loads/{made.Load}", made)))
        .WithMetadata(new RequestSizeLimitAttribute(BodyOctetsMax));
}
