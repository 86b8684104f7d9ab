using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Aliases;

/// <summary>Gives an alias other targets. Its address stays what it is.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>alias.not_found</c>, <c>domain.not_hosted</c>, <c>alias.invalid</c> or <c>alias.loop</c>.</remarks>
public static class ChangeAlias
{
    /// <param name="Targets">1 to 100 addresses, instead of those that were.</param>
    public sealed record Input(IReadOnlyList<string> Targets);

    const string Save = "update fleet.mailbox_alias set targets = $3 where tenant_id = $1 and id = $2";

    public static async Task<Result<Alias>> Handle(Actor actor, AliasId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await ListAliases.Within(tx, workspace, id, ct) is not { } was) return Alias.NotFound;
        var held = await HostedDomain.Hold(tx, workspace, was.DomainId, ct);
        if (held.Problem is { } unheld) return unheld;
        var targets = await Alias.Judge(tx, was.Address, input.Targets, ct);
        if (targets.Problem is { } fault) return fault;

        var now = clock.GetUtcNow();
        if (await tx.Execute(Save, ct, actor.Tenant, id, targets.Value) == 0) return Alias.NotFound; // Removed while it was waited for.
        await held.Value.Follow(tx, now, ct);
        await tx.Append(actor, "alias.changed", id.ToString(), new { targets = targets.Value.Length }, now, ct);
        await tx.Commit(ct);
        return was with { Targets = targets.Value };
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/aliases/{id}",
        async (Actor actor, AliasId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, input, db, clock, ct)).ToHttp());
}
