using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.BreakGlass;

/// <summary>Shows the value of a secret to the person whose request a second person approved, while it is open. The only way by which a person sees a value.</summary>
/// <remarks>Each showing is a line of the audit chain with the request's reason. Refuses with <c>permission.missing</c>, <c>break_glass.person_needed</c>, <c>break_glass.not_found</c>,
/// <c>break_glass.not_yours</c>, <c>break_glass.not_open</c> and the refusals of <see cref="ISecretStore"/>.</remarks>
public static class ReadBehindGlass
{
    public sealed record Output(string Path, int Version, IReadOnlyDictionary<string, string> Fields)
    {
        public override string ToString() => "(secret)";
    }

    const string CountRead = "update secrets.break_glass set reads = reads + 1 where tenant_id = $1 and id = $2";

    public static async Task<Result<Output>> Handle(Actor actor, GrantId id, string source, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsBreakGlass)) return Actor.Forbidden(Permissions.SecretsBreakGlass);
        if (actor is not { Kind: ActorKind.Person, User: { } user }) return GrantProblems.PersonNeeded;
        Grant? grant;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            grant = await GrantRows.Lock(tx, id, clock.GetUtcNow(), ct);
            if (grant is null) return GrantProblems.NotFound;
            if (grant.RequestedBy != user) return GrantProblems.NotYours;
            if (grant.State != GrantState.Open) return GrantProblems.NotOpen;
            await tx.Execute(CountRead, ct, actor.Tenant, id);
            await tx.Commit(ct);
        }

        var reason = $"break-glass {id}: {grant.Reason}";
        var read = await store.Get(new SecretAccess(actor, reason.Length <= SecretAccess.ReasonLengthMax ? reason : reason[..SecretAccess.ReasonLengthMax], source), SecretPath.Parse(grant.Path), null, ct);
        return read.Match<Result<Output>>(secret => new Output(grant.Path, secret.Version, secret.Fields.Reveal()), problem => problem);
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/break-glass/{id}/read",
        async (HttpContext http, Actor actor, GrantId id, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return (await Handle(actor, id, SecretAccess.Of(http), store, db, clock, ct)).ToHttp();
        }).WithMetadata(new SecretAnswer());
}

/// <summary>The requests of the account, newest first.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>cursor.invalid</c> or, for one, <c>break_glass.not_found</c>.</remarks>
public static class ListGrants
{
    const string Select = """
        select id, path, reason, minutes, state, requested_by, requested_at, decided_by, decided_at, expires_at, reads
        from secrets.break_glass
        where tenant_id = $1 and ($2::uuid is null or id < $2)
        order by id desc
        limit $3
        """;

    public static async Task<Result<Page<Grant>>> Handle(Actor actor, string? cursor, int? limit, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        if (!Cursor.TryDecodeId(cursor, out var before)) return Cursor.Broken;
        var (count, now) = (Cursor.Limit(limit), clock.GetUtcNow());
        await using var tx = await db.Begin(actor.Tenant, ct);
        return Page<Grant>.Of(await tx.List(Select, row => Grant.Read(row, now), ct, actor.Tenant, before, count + 1), count, row => row.Id.Value.ToString("N"));
    }

    public static async Task<Result<Grant>> One(Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsRead)) return Actor.Forbidden(Permissions.SecretsRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await GrantRows.Lock(tx, id, clock.GetUtcNow(), ct) is { } grant ? grant : GrantProblems.NotFound;
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/break-glass", async (Actor actor, string? cursor, int? limit, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, cursor, limit, db, clock, ct)).ToHttp());
        api.MapGet("/break-glass/{id}", async (Actor actor, GrantId id, TenantDb db, TimeProvider clock, CancellationToken ct) => (await One(actor, id, db, clock, ct)).ToHttp());
    }
}
