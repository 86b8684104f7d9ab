using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Costs;

/// <summary>Billed costs that count, newest day first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>cursor.invalid</c>.</summary>
public static class ListCostRows
{
    const string Select = """
        select r.load_id, r.line, r.billed_on, r.vendor, r.service, r.cost_line, r.amount, r.currency, r.cost_centre, r.is_cogs
        from oversight.cost_row r
        join oversight.cost_load l on l.tenant_id = r.tenant_id and l.id = r.load_id and l.withdrawn_at is null
        where r.tenant_id = $1 and ($2::text is null or r.cost_centre = $2)
          and ($3::date is null or (r.billed_on, r.load_id, r.line) < ($3, $4::uuid, $5::integer))
        order by r.billed_on desc, r.load_id desc, r.line desc
        limit $6
        """;

    // Every row of a stretch of time, added up by what a budget tells apart; with a moment, as it was known then.
    internal const string SelectSums = """
        select (array_agg(r.load_id order by r.load_id))[1], min(r.line), date_trunc('month', r.billed_on)::date, r.vendor, r.service, r.cost_line, sum(r.amount)::bigint, r.currency, r.cost_centre, r.is_cogs
        from oversight.cost_row r
        join oversight.cost_load l on l.tenant_id = r.tenant_id and l.id = r.load_id
          and case when $4::timestamptz is null then l.withdrawn_at is null else l.loaded_at <= $4 and (l.withdrawn_at is null or l.withdrawn_at > $4) end
        where r.tenant_id = $1 and r.billed_on >= $2 and r.billed_on < $3
        group by date_trunc('month', r.billed_on), r.vendor, r.service, r.cost_line, r.currency, r.cost_centre, r.is_cogs
        order by 3, 4, 5, 6, 8, 9, 10
        limit 100000
        """;

    /// <param name="centre">Cost centre; empty for rows of the whole account, null for all.</param>
    public static async Task<Result<Page<CostRow>>> Handle(Actor actor, string? centre, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (!Cursor.TryDecode(cursor, out var key) || !IsPlace(key, out var day, out var load, out var line)) return Cursor.Broken;
        if (centre is not null && centre.Any(char.IsControl)) return new Page<CostRow>([], null);
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<CostRow>.Of(await tx.List(Select, CostRow.Read, ct, actor.Tenant, centre, day, load, line, count + 1), count,
            row => string.Create(CultureInfo.InvariantCulture, $"{row.BilledOn:yyyy-MM-dd} {row.Load:N} {row.Line}"));
    }

    static bool IsPlace(string? key, out DateOnly? day, out Guid? load, out int? line)
    {
        (day, load, line) = (null, null, null);
        if (key is null) return true;
        if (key.Split(' ') is not [var first, var second, var third] || !DateOnly.TryParseExact(first, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on)
            || !Guid.TryParseExact(second, "N", out var id) || !int.TryParse(third, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        (day, load, line) = (on, id, number);
        return true;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/cost-rows",
        async (Actor actor, string? centre, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, centre, cursor, limit, db, ct)).ToHttp());
}
