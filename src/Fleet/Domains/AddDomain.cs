using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Domains;

/// <summary>Adds a sending domain with a DKIM key of its own and works out the DNS records it needs. Changes no DNS; the first check comes 5 minutes later.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.name_invalid</c>, <c>domain.consumer</c> or <c>domain.exists</c>.</remarks>
public static class AddDomain
{
    public sealed record Input(string Name);

    public sealed record Output(DomainId Id, string Name);

    const int DkimKeyBits = 2048; // RFC 8301 3.2: signers use at least 2048 bits.

    const string Insert = """
        insert into fleet.domain (tenant_id, id, workspace_id, name, dkim_selector, dkim_public_key, dkim_private_key_sealed, return_path_host, tracking_host, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict on constraint domain_once do nothing
        """;

    // Mailboxes of the domain that were connected before it was added send with its key from now on.
    const string Adopt = "update fleet.mailbox set domain_id = $3 where tenant_id = $1 and workspace_id = $2 and domain_id is null and split_part(address, '@', 2) = $4";

    public static async Task<Result<Output>> Handle(
        Actor actor, Input input, TenantDb db, SealedBox box, PlatformHosts hosts, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsManage)) return Actor.Forbidden(Permissions.DomainsManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (!DomainName.TryParse(input.Name.Trim(), out var name, out var fault))
            return Problem.Invalid("domain.name_invalid", new FieldProblem("name", $"Give a domain such as example.com ({fault.Reason} at character {fault.Offset + 1})."));
        if (AddressClasses.IsConsumer(name))
            return Problem.Invalid("domain.consumer", new FieldProblem("name", $"{name} belongs to a mailbox provider. Add a domain that you own."));

        var now = clock.GetUtcNow();
        var id = TypedId.New<DomainId>(now);
        using var key = RSA.Create(DkimKeyBits);
        var selector = $"pm{now:yyyyMM}";
        await using var tx = await db.Begin(actor.Tenant, ct);
        var added = await tx.Execute(Insert, ct, actor.Tenant, id, workspace, name.Ascii, selector, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            box.Seal(actor.Tenant, DkimPurpose(id), key.ExportPkcs8PrivateKeyPem()), $"bounce.{name.Ascii}", $"track.{name.Ascii}", now);
        if (added == 0) return new Problem(ProblemKind.Conflict, "domain.exists", $"{name} is in this account already.");
        await DomainRecords.Write(tx, id, name.Ascii, selector, key, hosts, ct);
        await tx.Execute(Adopt, ct, actor.Tenant, workspace, id, name.Ascii);
        await RecheckDomain.Begin(tx, workspace, id, now, ct);
        await tx.Append(actor, "domain.added", id.ToString(), new { name = name.Ascii }, now, ct);
        await tx.Commit(ct);
        return new Output(id, name.Ascii);
    }

    internal static string DkimPurpose(DomainId id) => $"domain.dkim/{id.Value:N}";

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains",
        async (Actor actor, Input input, TenantDb db, SealedBox box, PlatformHosts hosts, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, box, hosts, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/domains/{made.Id}", made)));
}
