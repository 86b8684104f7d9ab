using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Mail.Mime;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Mailboxes;

/// <summary>Makes many mailboxes of one domain on the server that carries it: all of them or, where one cannot be made, none. One that is there already stays as it is, so that the same wish may be sent twice.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>domain.not_found</c>, <c>domain.not_hosted</c>, <c>mailbox.rows_invalid</c> with a line for each row, <c>mailbox.invalid</c>, <c>server.too_full</c>, or as the secret store does.</remarks>
public static class CreateMailboxes
{
    /// <param name="Mailboxes">1 to 500. Caps and limits as in <see cref="CreateMailbox"/>, the same for all of them.</param>
    public sealed record Input(IReadOnlyList<WantedMailbox> Mailboxes, int DailyCap = 30, int GapSeconds = 120, int QuotaMb = 1024, int HourlyLimit = 100);

    public sealed record Row(MailboxId Id, string Address);

    /// <param name="Kept">Were there before, on the same server.</param>
    public sealed record Output(IReadOnlyList<Row> Made, IReadOnlyList<Row> Kept);

    public const int MailboxesMax = 500;
    const int ServerMax = 5000;

    const string SelectThere = "select id, address, server_id, workspace_id from fleet.mailbox where tenant_id = $1 and address = any($2) order by address limit 500";

    const string CountOnServer = "select count(*) from fleet.mailbox where tenant_id = $1 and server_id = $2";

    sealed record There(MailboxId Id, string Address, Guid? Server, Guid Workspace);

    sealed record Wish(int Number, string Address, ConnectMailbox.Input Input);

    public static async Task<Result<Output>> Handle(Actor actor, DomainId id, Input input, TenantDb db, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MailboxesManage)) return Actor.Forbidden(Permissions.MailboxesManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (Faults(input).ToArray() is { Length: > 0 } faults) return Problem.Invalid("mailbox.invalid", faults);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var held = await HostedDomain.Hold(tx, workspace, id, ct);
        if (held.Problem is { } unheld) return unheld;
        var rows = new List<FieldProblem>();
        var wishes = Wishes(held.Value, input, rows);
        var kept = await Kept(tx, held.Value, wishes, rows, ct);
        wishes.RemoveAll(wish => kept.Exists(row => row.Address == wish.Address));
        if (rows.Count > 0) return Refused(rows);
        if (await tx.One(CountOnServer, row => row.GetInt64(0), ct, actor.Tenant, held.Value.Server.Id) + wishes.Count >= ServerMax)
            return new Problem(ProblemKind.TooLarge, "server.too_full", $"{held.Value.Server.HostName} carries fewer than {ServerMax:N0} mailboxes. Spread them over several servers.");

        var made = await Make(tx, actor, held.Value, input, wishes, rows, secrets, source, clock, ct);
        if (made.Problem is { } refused) return refused;
        await tx.Commit(ct);
        return new Output(made.Value, kept);
    }

    // Rows first, so that nothing is stored for those that cannot be; the lines of the record last, because it is held from then on.
    static async Task<Result<IReadOnlyList<Row>>> Make(TenantTx tx, Actor actor, HostedDomain held, Input input, List<Wish> wishes, List<FieldProblem> rows, MailboxSecrets secrets, string source, TimeProvider clock, CancellationToken ct)
    {
        var (now, made) = (clock.GetUtcNow(), new List<Row>());
        foreach (var wish in wishes)
        {
            var inserted = await ConnectMailbox.Insert(tx, actor, wish.Input, now, ct);
            if (inserted.Problem is { } taken) rows.Add(At(wish.Number, "local", taken.Detail));
            else
            {
                await CreateMailbox.Host(tx, inserted.Value, held, input.QuotaMb, input.HourlyLimit, ct);
                made.Add(new(inserted.Value, wish.Address));
            }
        }

        if (rows.Count > 0) return Refused(rows);
        for (var i = 0; i < made.Count; i++)
            if (await ConnectMailbox.Keep(new SecretAccess(actor, "mailbox connected", source), made[i].Id, wishes[i].Input, isHosted: true, secrets, ct) is { } unkept) return unkept;
        if (made.Count > 0) await held.Follow(tx, now, ct);
        for (var i = 0; i < made.Count; i++) await ConnectMailbox.Append(tx, actor, made[i].Id, wishes[i].Input, now, ct);
        return made;
    }

    static List<Wish> Wishes(HostedDomain held, Input input, List<FieldProblem> rows)
    {
        var (wishes, numbers) = (new List<Wish>(), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var i = 0; i < input.Mailboxes.Count; i++)
        {
            if (input.Mailboxes[i] is not { } wanted) rows.Add(At(i, "local", "Each row has a local part and the name recipients see.")); // JSON may hold null there.
            else if (held.AddressOf(wanted.Local) is not { } address) rows.Add(At(i, "local", $"\"{Shown(wanted.Local)}\" cannot stand before the @: {HostedDomain.LocalRule}."));
            else if (!numbers.TryAdd(address, i)) rows.Add(At(i, "local", $"{address} stands in row {numbers[address] + 1} already. Take one of them out."));
            else if (!IsName(wanted.DisplayName)) rows.Add(At(i, "display_name", $"The name recipients see of {address}: 1 to 100 characters without line breaks."));
            else wishes.Add(new(i, address, CreateMailbox.Settings(held, address, wanted.DisplayName, input.DailyCap, input.GapSeconds)));
        }

        return wishes;
    }

    static async Task<List<Row>> Kept(TenantTx tx, HostedDomain held, List<Wish> wishes, List<FieldProblem> rows, CancellationToken ct)
    {
        var addresses = wishes.ConvertAll(wish => wish.Address).ToArray();
        var number = wishes.ToDictionary(wish => wish.Address, wish => wish.Number, StringComparer.Ordinal);
        foreach (var alias in await HostedDomain.Aliases(tx, addresses, ct)) rows.Add(At(number[alias], "local", CreateMailbox.IsAlias(alias).Detail));
        var kept = new List<Row>();
        foreach (var there in await tx.List(SelectThere, row => new There(new(row.GetGuid(0)), row.GetString(1), row.Maybe<Guid>(2), row.GetGuid(3)), ct, tx.Tenant, addresses))
        {
            if (there.Server == held.Server.Id.Value && there.Workspace == held.Server.WorkspaceId.Value) kept.Add(new(there.Id, there.Address));
            else rows.Add(At(number[there.Address], "local", $"{there.Address} is connected in this account already, with another server or in another workspace. Disconnect it there first, or take the row out."));
        }

        return kept;
    }

    static IEnumerable<FieldProblem> Faults(Input input)
    {
        if (input.Mailboxes.Count is 0 or > MailboxesMax) yield return new("mailboxes", $"1 to {MailboxesMax} mailboxes at once.");
        if (input.DailyCap is < 1 or > 1_000_000) yield return new("daily_cap", "1 to 1,000,000 messages in 24 hours.");
        if (input.GapSeconds is < 0 or > 86_400) yield return new("gap_seconds", "0 to 86,400 seconds.");
        foreach (var found in CreateMailbox.Faults(input.QuotaMb, input.HourlyLimit)) yield return found;
    }

    static bool IsName(string? name) => name is not null && name.Trim().Length is > 0 and <= 100 && HeaderText.TryCreate(name.Trim(), out _, out _);

    static string Shown(string? local) => local is null ? "" : string.Concat(local.Where(letter => !char.IsControl(letter)).Take(80));

    // Rows are counted from 1 for people and from 0 in the name of the field.
    static FieldProblem At(int row, string field, string detail) => new($"mailboxes[{row}].{field}", $"Row {row + 1}: {detail}");

    static Problem Refused(List<FieldProblem> rows) =>
        new(ProblemKind.Invalid, "mailbox.rows_invalid", $"Nothing was made: {(rows.Count == 1 ? "one row" : $"{rows.Count} rows")} cannot be. Mend what is named and send all of them again.") { Fields = rows };

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/domains/{id}/mailboxes/bulk",
        async (HttpContext http, Actor actor, DomainId id, Input input, TenantDb db, MailboxSecrets secrets, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, input, db, secrets, SecretAccess.Of(http), clock, ct)).ToHttp());
}
