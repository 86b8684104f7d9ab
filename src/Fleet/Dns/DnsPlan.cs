using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Dns;

public readonly record struct DnsPlanId(Guid Value) : ITypedId<DnsPlanId>
{
    public static string Prefix => "dpl";
    public static DnsPlanId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out DnsPlanId id) => TypedId.TryParse(text, out id);
}

/// <summary>What one server says about the records of a plan.</summary>
/// <param name="Server">Its name; <c>resolver</c> for the one this installation asks.</param>
/// <param name="Wrong">Ids of items that it does not show as planned; every one when it is silent.</param>
public sealed record ServerSight(string Server, string Address, bool IsAnswering, int Right, IReadOnlyList<string> Wrong);

/// <summary>What shall change in a zone: shown first, applied only as shown. Its states are drawn in docs/states/dns-plan.md.</summary>
/// <param name="State">ready, applying, written, verified, failed, stale or undone.</param>
/// <param name="Origin">person, drift or undo.</param>
/// <param name="Seen">What each server of the zone said last.</param>
/// <param name="Problem">What went wrong or is waited for, and what to do; empty when nothing.</param>
public sealed record DnsPlan(
    DnsPlanId Id, DomainId DomainId, string State, string Origin, DnsPlanId? Undoes, string HostKind, string Zone, IReadOnlyList<PlanItem> Items, IReadOnlyList<ZoneFinding> Findings,
    IReadOnlyList<ServerSight> Seen, string Problem, DateTimeOffset CreatedAt, DateTimeOffset? AppliedAt, DateTimeOffset? WrittenAt, DateTimeOffset? VerifiedAt)
{
    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "dns.plan_not_found", "There is no such plan for this domain.");

    const string Select = """
        select id, domain_id, state, origin, undoes, host_kind, zone, items, findings, seen, problem, created_at, applied_at, written_at, verified_at
        from fleet.dns_plan
        where tenant_id = $1 and domain_id = $2 and id = $3
        """;

    const string Insert = """
        insert into fleet.dns_plan (tenant_id, id, domain_id, state, origin, undoes, host_kind, zone, items, findings, problem, created_at, written_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    // What was shown before and not applied is no longer what the zone is like.
    const string Supersede = "update fleet.dns_plan set state = 'stale' where tenant_id = $1 and domain_id = $2 and state = 'ready'";

    internal static Task<DnsPlan?> Find(TenantTx tx, DomainId domain, DnsPlanId id, CancellationToken ct) => tx.Maybe(Select, Read, ct, tx.Tenant, domain, id);

    internal async Task Save(TenantTx tx, CancellationToken ct)
    {
        await tx.Execute(Supersede, ct, tx.Tenant, DomainId);
        await tx.Execute(Insert, ct, tx.Tenant, Id, DomainId, State, Origin, Undoes?.Value, HostKind, Zone, Jsonb.Of(Items), Jsonb.Of(Findings), Problem, CreatedAt, WrittenAt);
    }

    internal static DnsPlan Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetString(3), row.Maybe<Guid>(4) is { } undoes ? new DnsPlanId(undoes) : null, row.GetString(5), row.GetString(6),
        Json.Read<PlanItem[]>(row.GetString(7)), Json.Read<ZoneFinding[]>(row.GetString(8)), Json.Read<ServerSight[]>(row.GetString(9)), row.GetString(10),
        row.GetFieldValue<DateTimeOffset>(11), row.Maybe<DateTimeOffset>(12), row.Maybe<DateTimeOffset>(13), row.Maybe<DateTimeOffset>(14));

    internal IEnumerable<PlanItem> Changes => Items.Where(item => item.IsChange);
}
