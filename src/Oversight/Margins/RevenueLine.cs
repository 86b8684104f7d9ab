using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Oversight.Margins;

/// <summary>What a customer paid for a month.</summary>
/// <param name="Month">First day.</param>
/// <param name="Source">Where it comes from; its lines of a month are replaced as a whole.</param>
/// <param name="Line">Of the file it came from.</param>
/// <param name="Domain">Of the workspace, when the line names one.</param>
/// <param name="Amount">In minor units of the currency; negative for a credit.</param>
public sealed record RevenueLine(DateOnly Month, string Source, int Line, WorkspaceId Workspace, DomainId? Domain, long Amount, string Currency, string Note)
{
    internal static RevenueLine Read(NpgsqlDataReader row) => new(
        row.GetFieldValue<DateOnly>(0), row.GetString(1), row.GetInt32(2), new(row.GetGuid(3)), row.Maybe<Guid>(4) is { } domain ? new DomainId(domain) : null, row.GetInt64(5), row.GetString(6), row.GetString(7));
}

/// <summary>Revenue that is loaded, newest month first. Refuses with <c>permission.missing</c> (needs <c>oversight:read</c>) or <c>cursor.invalid</c>.</summary>
public static class ListRevenue
{
    const string Select = """
        select month, source, line, workspace_id, domain_id, amount, currency, note
        from oversight.revenue_line
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2) and ($3::date is null or (month, source, line) < ($3, $4::text, $5::integer))
        order by month desc, source desc, line desc
        limit $6
        """;

    // Of two months, the one looked at and the one before.
    internal const string SelectMonths = """
        select month, source, line, workspace_id, domain_id, amount, currency, note
        from oversight.revenue_line
        where tenant_id = $1 and month >= $2 and month <= $3
        order by month, source, line
        limit 100000
        """;

    public static async Task<Result<Page<RevenueLine>>> Handle(Actor actor, WorkspaceId? workspace, string? cursor, int? limit, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.OversightRead)) return Actor.Forbidden(Permissions.OversightRead);
        if (!Cursor.TryDecode(cursor, out var key) || !IsPlace(key, out var month, out var source, out var line)) return Cursor.Broken;
        var count = Cursor.Limit(limit);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<RevenueLine>.Of(await tx.List(Select, RevenueLine.Read, ct, actor.Tenant, workspace, month, source, line, count + 1), count,
            row => string.Create(CultureInfo.InvariantCulture, $"{row.Month:yyyy-MM-dd} {row.Line} {row.Source}"));
    }

    static bool IsPlace(string? key, out DateOnly? month, out string? source, out int? line)
    {
        (month, source, line) = (null, null, null);
        if (key is null) return true;
        if (key.Split(' ', 3) is not [var day, var number, var name] || name.Any(char.IsControl)) return false;
        if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return false;
        (month, source, line) = (read, name, at);
        return true;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/oversight/revenue",
        async (Actor actor, WorkspaceId? workspace, string? cursor, int? limit, TenantDb db, CancellationToken ct) => (await Handle(actor, workspace, cursor, limit, db, ct)).ToHttp());
}
