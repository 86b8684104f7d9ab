using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Fleet.Mailboxes.Imports;

/// <summary>Writes the workspace's mailboxes as CSV, newest first, a page at a time: how they are reached, their caps, state and health. Never a secret.</summary>
/// <remarks>With the passwords put in, the file can be imported again. Refuses with <c>permission.missing</c> or <c>workspace.missing</c>.</remarks>
public static class ExportMailboxes
{
    static readonly string[] Beside = ["connections_max", "quota_mb", "hourly_limit", "state", "health", "why", "connected_at"];

    /// <summary>Whether the actor may, asked before the first byte goes out.</summary>
    public static Problem? Refusal(Actor actor) =>
        actor.Lacks(Permissions.MailboxesRead) ? Actor.Forbidden(Permissions.MailboxesRead) : actor.Workspace is null ? Actor.WorkspaceMissing : null;

    public static async Task<Result<Done>> Write(Actor actor, Stream output, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Refusal(actor) is { } refusal) return refusal;
        await using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        await text.WriteAsync(string.Join(',', MailboxColumns.Open.Concat(Beside)) + "\r\n");
        var cursor = (string?)null;
        do
        {
            var page = await ListMailboxes.Handle(actor, new(cursor, Cursor.LimitMax), db, ct);
            if (page.Problem is { } refused) return refused;
            foreach (var (mailbox, health) in await Judged(actor, page.Value.Items, db, clock, ct)) await text.WriteAsync(Line(mailbox, health));
            cursor = page.Value.NextCursor;
        }
        while (cursor is not null);
        return default(Done);
    }

    static async Task<List<(Mailbox Mailbox, MailboxHealth? Health)>> Judged(Actor actor, IReadOnlyList<Mailbox> mailboxes, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        await using var tx = await db.Begin(actor.Tenant, ct);
        var health = (await ReadMailboxHealth.Within(tx, [.. mailboxes.Select(one => one.Id)], clock.GetUtcNow(), ct)).ToDictionary(one => one.Id);
        return [.. mailboxes.Select(mailbox => (mailbox, health.GetValueOrDefault(mailbox.Id)))];
    }

    static string Line(Mailbox mailbox, MailboxHealth? health)
    {
        string?[] cells =
        [
            mailbox.Address, mailbox.DisplayName, .. Server(mailbox.Smtp), .. Server(mailbox.Imap), Number(mailbox.DailyCap), Number(mailbox.GapSeconds), Number(mailbox.ConnectionsMax),
            Number(mailbox.QuotaMb), Number(mailbox.HourlyLimit), mailbox.State == MailboxState.Active ? "active" : "paused", health?.Word.ToString().ToLowerInvariant(), health?.Why,
            mailbox.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ];
        return string.Join(',', cells.Select(cell => CsvReader.Cell(cell ?? ""))) + "\r\n";
    }

    static string?[] Server(ServerSettings? server) => server is null ? [null, null, null, null] : [server.Host, Number(server.Port), Mailbox.Word(server.Security), server.User];

    static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/mailboxes/export.csv",
        (Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) => Refusal(actor) is { } refusal
            ? refusal.ToHttp()
            : TypedResults.Stream(output => Write(actor, output, db, clock, ct), "text/csv; charset=utf-8", "mailboxes.csv"));
}
