using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Campaigns.Lists;
using PenguinMails.Compliance.Jurisdictions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Campaigns.Contacts;

/// <summary>Adds one contact, and to a list if given.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>contact.invalid</c>, <c>contact.exists</c> or <c>list.not_found</c>.</remarks>
public static class AddContact
{
    /// <param name="Source">Where the address came from; at most 200 characters.</param>
    public sealed record Input(
        string Email, string FirstName = "", string LastName = "", string Company = "", IReadOnlyDictionary<string, string>? Attributes = null,
        ListId? ListId = null, string Source = "added by hand", StandingInput? Standing = null);

    public sealed record Output(ContactId Id);

    const string Insert = """
        insert into campaigns.contact (tenant_id, id, workspace_id, email, first_name, last_name, company, attributes, is_role, is_consumer, source, created_at, updated_at,
          country, is_country_presumed, zone, recipient_kind, basis, evidence, obtained_on, expires_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        on conflict on constraint contact_once do nothing
        """;

    const string InsertMember = """
        with added as (
          insert into campaigns.list_member (tenant_id, list_id, contact_id)
          select l.tenant_id, l.id, $4
          from campaigns.list l
          where l.tenant_id = $1 and l.workspace_id = $2 and l.id = $3
          returning list_id)
        update campaigns.list l
        set contacts = l.contacts + 1
        from added
        where l.tenant_id = $1 and l.id = added.list_id
        """;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ContactsWrite)) return Actor.Forbidden(Permissions.ContactsWrite);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var faults = Faults(input).ToArray();
        if (faults.Length > 0) return Problem.Invalid("contact.invalid", faults);

        var email = EmailAddress.Parse(input.Email.Trim());
        if ((input.Standing ?? new()).Read(email.Normal, out var standing) is { } fault) return Problem.Invalid("contact.invalid", fault);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var id = TypedId.New<ContactId>(now);
        if (await tx.Execute(Insert, ct, actor.Tenant, id, workspace, email.Normal, input.FirstName.Trim(), input.LastName.Trim(), input.Company.Trim(),
            Jsonb.Of(input.Attributes ?? new Dictionary<string, string>()), AddressClasses.IsRole(email), AddressClasses.IsConsumer(email.Domain), input.Source.Trim(), now,
            standing.Country, standing.IsCountryPresumed, standing.Zone, standing.KindWord, BasisWords.Word(standing.Basis), standing.Evidence, standing.ObtainedOn, standing.ExpiresOn) == 0)
            return new Problem(ProblemKind.Conflict, "contact.exists", $"{email} is a contact of this workspace already.");
        if (input.ListId is { } list && await tx.Execute(InsertMember, ct, actor.Tenant, workspace, list, id) == 0)
            return new Problem(ProblemKind.NotFound, "list.not_found", "There is no such list in this workspace.");
        await tx.Append(actor, "contact.added", id.ToString(), new { }, now, ct);
        await tx.Commit(ct);
        return new Output(id);
    }

    static IEnumerable<FieldProblem> Faults(Input input)
    {
        if (!EmailAddress.TryParse(input.Email.Trim(), out _, out var fault))
            yield return new("email", $"Not an e-mail address: {fault.Reason} at character {fault.Offset + 1}.");
        foreach (var (name, value) in new[] { ("first_name", input.FirstName), ("last_name", input.LastName), ("company", input.Company), ("source", input.Source) })
            if (value.Length > ContactLimits.NameLengthMax || value.Any(char.IsControl)) yield return new(name, $"At most {ContactLimits.NameLengthMax} characters, no line breaks.");
        if (input.Attributes is not { } attributes) yield break;
        if (attributes.Count > ContactLimits.AttributesMax) yield return new("attributes", $"At most {ContactLimits.AttributesMax}.");
        foreach (var (name, value) in attributes)
        {
            if (name.Length == 0 || ContactLimits.AttributeName(name) != name)
                yield return new("attributes", "Names have letters a to z, digits and _, start with a letter, and have at most 64 characters.");
            if (value.Length > ContactLimits.AttributeValueLengthMax || value.Contains('\0', StringComparison.Ordinal))
                yield return new($"attributes.{name}", $"At most {ContactLimits.AttributeValueLengthMax} characters.");
        }
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/contacts",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/contacts/{made.Id}", made)));
}
