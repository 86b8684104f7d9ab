using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Compliance.Suppressions;

/// <summary>Adds an address or a whole domain by hand.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>suppression.value_invalid</c>, <c>suppression.note_too_long</c>,
/// <c>suppression.note_invalid</c>, <c>suppression.of_account</c> or <c>suppression.exists</c>.</remarks>
public static class AddSuppression
{
    /// <param name="Value">An address, or a domain without @.</param>
    /// <param name="WholeAccount">True: in every workspace. False: in the actor's workspace only, which is the default for who is confined to it.</param>
    /// <param name="Note">Why; at most 500 characters.</param>
    public sealed record Input(string Value, bool? WholeAccount = null, string? Note = null);

    public sealed record Output(SuppressionId Id);

    const int NoteLengthMax = 500;

    internal static readonly Problem OfAccount =
        new(ProblemKind.Forbidden, "suppression.of_account", "A suppression of the whole account holds for other workspaces too. Somebody with a role in the whole account can add or lift it.");

    const string Find = """
        select id
        from compliance.suppression
        where tenant_id = $1 and workspace_id is not distinct from $2 and kind = $3 and value = $4
        """;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SuppressionsWrite)) return Actor.Forbidden(Permissions.SuppressionsWrite);
        var confined = actor.ConfinedTo(Permissions.SuppressionsWrite);
        var isWide = input.WholeAccount ?? confined is null;
        if (isWide && confined is not null) return OfAccount;
        if (!isWide && actor.Workspace is null) return Actor.WorkspaceMissing;
        var kind = input.Value.Contains('@', StringComparison.Ordinal) ? SuppressionKind.Address : SuppressionKind.Domain;
        if (Normal(input.Value.Trim(), kind) is not { } value)
            return Problem.Invalid("suppression.value_invalid", new FieldProblem("value", "Give an address such as anna@example.com, or a domain such as example.com."));
        if (input.Note is { Length: > NoteLengthMax })
            return Problem.Invalid("suppression.note_too_long", new FieldProblem("note", $"At most {NoteLengthMax} characters."));
        if (input.Note?.Contains('\0', StringComparison.Ordinal) == true)
            return Problem.Invalid("suppression.note_invalid", new FieldProblem("note", "A NUL character cannot be kept. Remove it."));

        await using var tx = await db.Begin(actor.Tenant, ct);
        var now = clock.GetUtcNow();
        var workspace = isWide ? null : actor.Workspace;
        if (!await Suppress.Within(tx, workspace, workspace, kind, value, SuppressionReason.Manual, "api", null, input.Note, now, ct))
            return new Problem(ProblemKind.Conflict, "suppression.exists", "This is suppressed already.");
        var id = await tx.One(Find, row => new SuppressionId(row.GetGuid(0)), ct, actor.Tenant, workspace, Words.Of(kind), value);
        await tx.Append(actor, "suppression.added", id.ToString(), new { kind = Words.Of(kind) }, now, ct);
        await tx.Commit(ct);
        return new Output(id);
    }

    // As contacts and messages are kept, or it would stop nothing: a domain in Unicode is the same as its A-labels.
    static string? Normal(string value, SuppressionKind kind) => kind == SuppressionKind.Address
        ? EmailAddress.TryParse(value, out var address, out _) ? address.Normal : null
        : DomainName.TryParse(value, out var domain, out _) ? domain.Ascii : null;

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/suppressions",
        async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/suppressions/{made.Id}", made)));
}
