using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Entries;

/// <summary>Writes a new version of a secret, and plans its rotation when a kind is given. The value is never shown again.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>secret.path_invalid</c>, <c>secret.path_reserved</c>, <c>secret.fields_invalid</c>, <c>rotation.kind_unknown</c>,
/// <c>secret.too_many</c> and the refusals of <see cref="ISecretStore"/>.</remarks>
public static class WriteSecret
{
    /// <param name="Fields">1 to 32 named texts, 64 KiB in all.</param>
    /// <param name="Reason">3 to 300 characters; stands in the access log.</param>
    /// <param name="ExpectedVersion">The version that must be current, 0 for none yet; null writes whatever is there.</param>
    /// <param name="Kind">Plans the rotation with the usual period of the kind, unless the secret has a plan; null leaves it.</param>
    public sealed record Input(string Path, IReadOnlyDictionary<string, string> Fields, string Reason, int? ExpectedVersion = null, string? Kind = null)
    {
        public override string ToString() => "(a secret to write)";
    }

    public sealed record Output(SecretId Id, int Version);

    const int SecretsMax = 100_000;

    const string Count = "select count(*) from secrets.secret where tenant_id = $1";

    static readonly Problem TooMany = new(ProblemKind.Conflict, "secret.too_many", $"An account keeps at most {SecretsMax:N0} secrets. Remove some first.");

    public static async Task<Result<Output>> Handle(Actor actor, Input input, string source, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        if (!SecretPath.TryParse(input.Path, out var path)) return SecretProblems.PathInvalid;
        if (path.IsReserved) return SecretProblems.PathReserved;
        if (!SecretFields.TryCreate(input.Fields, out var fields, out var fault)) return SecretProblems.FieldsInvalid(fault);
        if (input.Kind is { } kind && !RotationKinds.All.Contains(kind)) return PlanRotation.KindUnknown;
        if (input.ExpectedVersion is < 0) return SecretProblems.CasMismatch(input.ExpectedVersion.Value, null);
        if (await IsFull(actor.Tenant, path, db, ct)) return TooMany;
        var put = await store.Put(new SecretAccess(actor, input.Reason, source), path, fields, input.ExpectedVersion, ct);
        if (put.Problem is { } problem) return problem;

        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var id = await KeepSecret.Planned(tx, path, input.Kind, now, ct);
        await tx.Publish(new SecretWritten(path.Text, put.Value), now, ct);
        await tx.Commit(ct);
        return new Output(id, put.Value);
    }

    static async Task<bool> IsFull(TenantId tenant, SecretPath path, TenantDb db, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        return await tx.One(Count, row => row.GetInt64(0), ct, tenant) >= SecretsMax && await ListSecrets.IdOf(tx, path, ct) is null;
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/secrets",
        async (HttpContext http, Actor actor, Input input, ISecretStore store, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, SecretAccess.Of(http), store, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/secrets/{made.Id}", made)));
}
