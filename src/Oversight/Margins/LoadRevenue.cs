using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Margins;

/// <summary>Takes what customers paid from a CSV file: all of it or nothing. Of each month in the file it replaces what the same source said before, so that loading twice doubles nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>), <c>revenue.too_large</c>, <c>revenue.invalid</c> with every fault and its line, or <c>margin.too_many</c>.</remarks>
public static class LoadRevenue
{
    /// <param name="Source">Where it comes from, such as invoices; 1 to 200 characters.</param>
    public sealed record Input(string Csv, string Source);

    /// <param name="Months">Those whose lines of this source were written, first days.</param>
    /// <param name="Replaced">Lines of before that are gone.</param>
    public sealed record Output(string Source, IReadOnlyList<DateOnly> Months, int Rows, int Replaced);

    const string Delete = "delete from oversight.revenue_line where tenant_id = $1 and source = $2 and month = any($3::date[])";

    const string Insert = """
        insert into oversight.revenue_line (tenant_id, month, source, line, workspace_id, domain_id, amount, currency, note, loaded_by, loaded_at)
        select $1, r.month, $2, r.line, r.workspace_id, r.domain_id, r.amount, r.currency, r.note, $3, $4
        from unnest($5::date[], $6::integer[], $7::uuid[], $8::uuid[], $9::bigint[], $10::text[], $11::text[]) as r (month, line, workspace_id, domain_id, amount, currency, note)
        """;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        if (input.Csv.Length > LoadCosts.OctetsMax || Encoding.UTF8.GetByteCount(input.Csv) > LoadCosts.OctetsMax) return new Problem(ProblemKind.TooLarge, "revenue.too_large", $"A file has at most {LoadCosts.OctetsMax >> 20} MB. Split it by month.");
        var source = input.Source.Trim();
        if (Wording.Check("source", source, Wording.NameMax) is { } unnamed) return Problem.Invalid("revenue.invalid", unnamed with { Detail = "Say where it comes from, such as invoices: 1 to 200 characters." });
        var customers = await Customer.All(actor.Tenant, db, ct);
        if (customers.Problem is { } problem) return problem;
        var (lines, faults) = await RevenueFile.Read(input.Csv, source, new(customers.Value), clock.Today(), ct);
        if (faults.Count > 0) return Problem.Invalid("revenue.invalid", [.. faults]);

        var (now, months) = (clock.GetUtcNow(), lines.Select(line => line.Month).Distinct().Order().ToArray());
        await using var tx = await db.Begin(actor.Tenant, ct);
        var replaced = await tx.Execute(Delete, ct, actor.Tenant, source, months);
        await tx.Execute(Insert, ct, actor.Tenant, source, actor.Label, now, lines.Select(line => line.Month).ToArray(), lines.Select(line => line.Line).ToArray(), lines.Select(line => line.Workspace.Value).ToArray(),
            lines.Select(line => line.Domain?.Value).ToArray(), lines.Select(line => line.Amount).ToArray(), lines.Select(line => line.Currency).ToArray(), lines.Select(line => line.Note).ToArray());
        await tx.Append(actor, "revenue.loaded", source, new { rows = lines.Count, replaced, months }, now, ct);
        await tx.Commit(ct);
        return new Output(source, months, lines.Count, replaced);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/revenue",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp())
        .WithMetadata(new RequestSizeLimitAttribute(LoadCosts.BodyOctetsMax));
}
