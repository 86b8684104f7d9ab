using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes.AppPasswords;

/// <summary>Makes a password for one mail client of a mailbox on a server of ours. Shown in this answer and never again; the server accepts it within a minute, whatever becomes of the mailbox's own.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>mailbox.not_found</c>, <c>mailbox.not_hosted</c>, <c>app_password.invalid</c>, <c>app_password.exists</c>, <c>app_password.too_many</c>, or as the secret store does.</remarks>
public static class CreateAppPassword
{
    /// <param name="Label">Where it will be used, such as "Phone": 1 to 60 characters, once in a mailbox.</param>
    public sealed record Input(string Label);

    /// <param name="Password">120 random bits as 24 letters and figures in groups of four; the dashes belong to it.</param>
    public sealed record Output(AppPasswordId Id, string Label, string User, string Password);

    const int LabelLengthMax = 60;
    const string Letters = "abcdefghijkmnpqrstuvwxyz23456789"; // Without those that look like others.
    const int LettersInAll = 24;
    const int LettersInGroup = 4;

    // Held, so that two wishes at once cannot go past the limit.
    const string Lock = "select address, server_id from fleet.mailbox where tenant_id = $1 and workspace_id = $2 and id = $3 for update";

    const string SelectLabels = "select label from fleet.app_password where tenant_id = $1 and mailbox_id = $2 order by id limit 10";

    const string Insert = "insert into fleet.app_password (tenant_id, id, mailbox_id, label, secret_version, created_at) values ($1, $2, $3, $4, $5, $6)";

    sealed record Found(string Address, Guid? Server);

    public static async Task<Result<Output>> Handle(Actor actor, MailboxId id, Input input, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        var label = input.Label.Trim();
        if (label.Length is 0 or > LabelLengthMax || label.Any(char.IsControl)) return Problem.Invalid("app_password.invalid", new FieldProblem("label", $"Where it will be used: 1 to {LabelLengthMax} characters in one line."));
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(Lock, row => new Found(row.GetString(0), row.Maybe<Guid>(1)), ct, actor.Tenant, workspace, id) is not { } mailbox) return ListMailboxes.NotFound;
        if (mailbox.Server is not { } server) return AppPassword.NotHosted;
        if (Refusal(label, await tx.List(SelectLabels, row => row.GetString(0), ct, actor.Tenant, id)) is { } refusal) return refusal;

        var now = clock.GetUtcNow();
        var (app, password) = (TypedId.New<AppPasswordId>(now), Draw());
        // Stored before the row is there: the row never names a password that is not. What a failed commit leaves behind nobody can reach.
        var kept = await secrets.KeepApp(new SecretAccess(actor, "app password made", source), id, app, password, ct);
        if (kept.Problem is { } unkept) return unkept;
        await tx.Execute(Insert, ct, actor.Tenant, app, id, label, kept.Value, now);
        await ApplyStack.Enqueue(tx, workspace, new(server), now, ct);
        await tx.Append(actor, "app_password.created", app.ToString(), new { mailbox = id }, now, ct);
        await tx.Commit(ct);
        return new Output(app, label, mailbox.Address, password);
    }

    static Problem? Refusal(string label, List<string> labels) =>
        labels.Contains(label, StringComparer.OrdinalIgnoreCase) ? new Problem(ProblemKind.Conflict, "app_password.exists", $"{label} has an app password already. Revoke that one, or choose another label.") { Fields = [new("label", "This label is taken.")] }
        : labels.Count >= AppPassword.CountMax ? new Problem(ProblemKind.Conflict, "app_password.too_many", $"A mailbox has at most {AppPassword.CountMax} app passwords. Revoke one that is not used.")
        : null;

    static string Draw() => string.Join('-', RandomNumberGenerator.GetString(Letters, LettersInAll).Chunk(LettersInGroup).Select(group => new string(group)));

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/mailboxes/{id}/app-passwords",
        async (HttpContext http, Actor actor, MailboxId id, Input input, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/mailboxes/{id}/app-passwords", made))).WithMetadata(new SecretAnswer());
}
