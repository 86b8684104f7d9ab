using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Compliance.Suppressions;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>Records where a contact is and what gives the right to write to them. What waits for that is asked about again at once.</summary>
/// <remarks>Consent that was withdrawn counts again only as express consent of that day or later. The suppression that the withdrawal made stays until somebody lifts it with a reason.
/// Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>contact.not_found</c> or <c>contact.invalid</c>.</remarks>
public static class SetStanding
{
    const string Lock = """
        select c.id, c.email, c.first_name, c.last_name, c.company, c.attributes, c.is_role, c.is_consumer, c.source, c.created_at,
          c.country, c.is_country_presumed, c.zone, c.recipient_kind, c.basis, c.evidence, c.obtained_on, c.expires_on, c.withdrawn_at
        from campaigns.contact c
        where c.tenant_id = $1 and c.workspace_id = $2 and c.id = $3
        for update
        """;

    const string Update = """
        update campaigns.contact
        set country = $4, is_country_presumed = $5, zone = $6, recipient_kind = $7, basis = $8, evidence = $9, obtained_on = $10, expires_on = $11, withdrawn_at = $12, updated_at = $13
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    const string Withdraw = "update campaigns.contact set withdrawn_at = $4, updated_at = $4 where tenant_id = $1 and workspace_id = $2 and id = $3";

    public static async Task<Result<Contact>> Handle(Actor actor, ContactId id, StandingInput input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, Contact.Read, ct, actor.Tenant, workspace, id) is not { } contact) return ContactLimits.NotFound;
        if (input.Read(contact.Email, out var given) is { } fault) return Problem.Invalid("contact.invalid", fault);
        var isGivenAgain = given.Basis == LawfulBasis.Express && given.ObtainedOn >= (contact.Standing.WithdrawnAt is { } at ? DateOnly.FromDateTime(at.UtcDateTime) : default);
        var standing = given with { WithdrawnAt = isGivenAgain ? null : contact.Standing.WithdrawnAt };
        await tx.Execute(Update, ct, actor.Tenant, workspace, id, standing.Country, standing.IsCountryPresumed, standing.Zone, standing.KindWord, BasisWords.Word(standing.Basis), standing.Evidence,
            standing.ObtainedOn, standing.ExpiresOn, standing.WithdrawnAt, now);
        await tx.Append(actor, "contact.standing_set", id.ToString(), new { country = standing.Country, basis = BasisWords.Word(standing.Basis) }, now, ct);
        await SpreadStanding.Within(tx, workspace, [contact.Email], now, ct);
        await tx.Commit(ct);
        return contact with { Standing = standing };
    }

    /// <summary>The person took consent back, by a way that is not ours: a call, a letter. No message to the address passes the last gate after it, in the whole account.</summary>
    /// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>contact.not_found</c>.</remarks>
    public static async Task<Result<Done>> TakeBack(Actor actor, ContactId id, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, Contact.Read, ct, actor.Tenant, workspace, id) is not { } contact) return ContactLimits.NotFound;
        await tx.Execute(Withdraw, ct, actor.Tenant, workspace, id, now);
        await Suppress.Within(tx, null, workspace, SuppressionKind.Address, contact.Email, SuppressionReason.Unsubscribe, "withdrawal", null, null, now, ct);
        await tx.Append(actor, "contact.consent_withdrawn", id.ToString(), new { }, now, ct);
        await SpreadStanding.Within(tx, workspace, [contact.Email], now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/contacts/{id}/standing", async (Actor actor, ContactId id, StandingInput input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, clock, ct)).ToHttp());
        api.MapPost("/contacts/{id}/withdraw-consent", async (Actor actor, ContactId id, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await TakeBack(actor, id, db, clock, ct)).ToHttp());
    }
}
