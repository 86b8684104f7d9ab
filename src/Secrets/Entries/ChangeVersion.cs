using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Secrets.Entries;

/// <summary>Deletes, brings back or destroys one version, or removes a secret with all of them.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>secret.version_current</c> (the current version is in use: write another first) and the refusals of <see cref="ISecretStore"/>.</remarks>
public static class ChangeVersion
{
    public sealed record Input(int Version, string Reason);

    public sealed record RemoveInput(string Reason);

    const string FindPath = "select path from secrets.secret where tenant_id = $1 and id = $2 and current_version > 0 and not starts_with(path, 'rotation/')";

    static readonly Problem InUse = new(ProblemKind.Conflict, "secret.version_current", "The current version is in use. Write a new one first, or remove the whole secret.");

    public static Task<Result<Done>> Delete(Actor actor, SecretId id, Input input, string source, ISecretStore store, TenantDb db, CancellationToken ct) =>
        Change(actor, id, input.Version, input.Reason, source, db, (access, path) => store.Delete(access, path, input.Version, ct), ct);

    public static Task<Result<Done>> Undelete(Actor actor, SecretId id, Input input, string source, ISecretStore store, TenantDb db, CancellationToken ct) =>
        Change(actor, id, null, input.Reason, source, db, (access, path) => store.Undelete(access, path, input.Version, ct), ct);

    public static Task<Result<Done>> Destroy(Actor actor, SecretId id, Input input, string source, ISecretStore store, TenantDb db, CancellationToken ct) =>
        Change(actor, id, input.Version, input.Reason, source, db, (access, path) => store.Destroy(access, path, input.Version, ct), ct);

    /// <summary>With its plan and its rotations. Whatever still needs the secret stops working.</summary>
    public static Task<Result<Done>> Remove(Actor actor, SecretId id, RemoveInput input, string source, ISecretStore store, TenantDb db, CancellationToken ct) =>
        Change(actor, id, null, input.Reason, source, db, (access, path) => store.Remove(access, path, ct), ct);

    static async Task<Result<Done>> Change(
        Actor actor, SecretId id, int? mustBeOld, string reason, string source, TenantDb db, Func<SecretAccess, SecretPath, Task<Result<Done>>> change, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SecretsManage)) return Actor.Forbidden(Permissions.SecretsManage);
        SecretEntry? entry;
        await using (var tx = await db.Begin(actor.Tenant, ct)) entry = await ListSecrets.Within(tx, id, ct);
        if (entry is null) return SecretProblems.NotFound;
        if (mustBeOld == entry.CurrentVersion) return InUse;
        return await change(new SecretAccess(actor, reason, source), SecretPath.Parse(entry.Path));
    }

    internal static async Task<SecretPath?> PathOf(TenantTx tx, SecretId id, CancellationToken ct) =>
        await tx.List(FindPath, row => row.GetString(0), ct, tx.Tenant, id) is [var path] ? SecretPath.Parse(path) : null;

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/secrets/{id}/delete", async (HttpContext http, Actor actor, SecretId id, Input input, ISecretStore store, TenantDb db, CancellationToken ct) =>
            (await Delete(actor, id, input, SecretAccess.Of(http), store, db, ct)).ToHttp());
        api.MapPost("/secrets/{id}/undelete", async (HttpContext http, Actor actor, SecretId id, Input input, ISecretStore store, TenantDb db, CancellationToken ct) =>
            (await Undelete(actor, id, input, SecretAccess.Of(http), store, db, ct)).ToHttp());
        api.MapPost("/secrets/{id}/destroy", async (HttpContext http, Actor actor, SecretId id, Input input, ISecretStore store, TenantDb db, CancellationToken ct) =>
            (await Destroy(actor, id, input, SecretAccess.Of(http), store, db, ct)).ToHttp());
        api.MapPost("/secrets/{id}/remove", async (HttpContext http, Actor actor, SecretId id, RemoveInput input, ISecretStore store, TenantDb db, CancellationToken ct) =>
            (await Remove(actor, id, input, SecretAccess.Of(http), store, db, ct)).ToHttp());
    }
}
