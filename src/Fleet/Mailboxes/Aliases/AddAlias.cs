using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Mailboxes.Aliases;

/// <summary>Makes an address of a domain on a server of ours whose mail goes on to others; the server learns of it within a minute.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>domain.not_hosted</c>, <c>alias.invalid</c>, <c>alias.loop</c>, <c>alias.exists</c>, <c>alias.address_taken</c> or <c>alias.too_many</c>.</remarks>
public static class AddAlias
{
    /// <param name="Local">What stands before the @.</param>
    /// <param name="Targets">1 to 100 addresses.</param>
    public sealed record Input(string Local, IReadOnlyList<string> Targets);

    const int AliasesMax = 2000; // Of one domain; a server carries fewer than 5,000.

    const string Facts = """
        select (select count(*) from fleet.mailbox_alias a where a.tenant_id = $1 and a.domain_id = $2),
          exists (select 1 from fleet.mailbox m where m.tenant_id = $1 and m.address = $3)
        """;

    const string Insert = """
        insert into fleet.mailbox_alias (tenant_id, id, domain_id, address, targets, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint mailbox_alias_once do nothing
        """;

    public static async Task<Result<Alias>> Handle(Actor actor, DomainId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        var held = await HostedDomain.Hold(tx, workspace, id, ct);
        if (held.Problem is { } unheld) return unheld;
        if (held.Value.AddressOf(input.Local) is not { } address) return Problem.Invalid("alias.invalid", new FieldProblem("local", $"What stands before the @: {HostedDomain.LocalRule}."));
        var targets = await Alias.Judge(tx, address, input.Targets, ct);
        if (targets.Problem is { } fault) return fault;
        var (count, isMailbox) = await tx.One(Facts, row => (row.GetInt64(0), row.GetBoolean(1)), ct, actor.Tenant, id, address);
        if (isMailbox) return Taken(ProblemKind.Conflict, "alias.address_taken", $"{address} is a mailbox. Choose another address, or remove the mailbox first.");
        if (count >= AliasesMax) return new Problem(ProblemKind.TooLarge, "alias.too_many", $"A domain has at most {AliasesMax:N0} aliases. Remove some that are not used.");

        var now = clock.GetUtcNow();
        var made = new Alias(TypedId.New<AliasId>(now), id, address, targets.Value, now);
        if (await tx.Execute(Insert, ct, actor.Tenant, made.Id, id, address, targets.Value, now) == 0)
            return Taken(ProblemKind.Conflict, "alias.exists", $"{address} is an alias already. Change that one.");
        await held.Value.Follow(tx, now, ct);
        await tx.Append(actor, "alias.added", made.Id.ToString(), new { domain = id, targets = made.Targets.Count }, now, ct);
        await tx.Commit(ct);
        return made;
    }

    static Problem Taken(ProblemKind kind, string code, string detail) => new(kind, code, detail) { Fields = [new("local", detail)] };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/aliases",
        async (Actor actor, DomainId id, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/aliases/{made.Id}", made)));
}
