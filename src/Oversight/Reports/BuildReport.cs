using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Oversight.Reports;

/// <summary>Builds a report from the plan and the verdicts as they are known, and archives it. One transaction; nothing is sent.</summary>
/// <remarks>Refuses with <c>permission.missing</c> (needs <c>account:manage</c>) or <c>report.invalid</c>. Sentences that a person adds are held against the stored verdicts; those that assert what no verdict says are printed as unsupported.</remarks>
public static class BuildReport
{
    /// <summary>UTF-16 code units of what a person may add.</summary>
    public const int AddedLengthMax = 600;

    const int SentencesMax = 3;

    /// <param name="Period">Any day of the month (board, finance) or week (operations, weekly); null: the newest that is over. One that runs is built so far.</param>
    /// <param name="Added">Up to three sentences of one's own; null for none.</param>
    /// <param name="DataCut">Build as the data stood at this moment; null: now.</param>
    public sealed record Input(ReportKind Kind, DateOnly? Period = null, string? Added = null, DateTimeOffset? DataCut = null);

    public static async Task<Result<Report>> Handle(Actor actor, Input input, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var now = clock.GetUtcNow();
        var cut = Microseconds(input.DataCut ?? now);
        var from = input.Period is { } day ? ReportPeriods.StartOf(input.Kind, day) : ReportPeriods.Newest(input.Kind, DateOnly.FromDateTime(cut.UtcDateTime));
        var written = Sentences(input.Added ?? "");
        if (!Enum.IsDefined(input.Kind)) return Invalid("kind", "It is board, finance, operations or weekly.");
        if (cut > now) return Invalid("data_cut", "It lies in the future; the data of then are not known.");
        if (cut < settings.HistoryFrom(now)) return Invalid("data_cut", $"What was known then is kept for {settings.HistoryDays} days; this is longer ago.");
        if (from > DateOnly.FromDateTime(cut.UtcDateTime) || from.Year < 2000) return Invalid("period", "It has not begun at the data cut.");
        if ((input.Added ?? "").Length > AddedLengthMax || written.Count > SentencesMax) return Invalid("added", $"At most {SentencesMax} sentences and {AddedLengthMax} characters.");
        if ((input.Added ?? "").Any(letter => char.IsControl(letter) && letter is not ('\r' or '\n' or '\t'))) return Invalid("added", "It holds control characters.");

        await using var tx = await db.Begin(actor.Tenant, ct);
        var facts = await ReadReportFacts.Within(tx, input.Kind, from, cut, null, written, settings.Company == actor.Tenant, ct);
        var report = await Report.Keep(tx, ReportBuilder.Build(facts), facts.Version, isScheduled: false, actor.Label, now, ct) ?? throw new InvalidOperationException("Only the schedule is held to one report a period.");
        await tx.Append(actor, "report.built", report.Id.ToString(), new { kind = ReportPeriods.Word(report.Kind), period = report.Period, sha256 = report.Sha256, unsupported = report.Unsupported }, now, ct);
        await tx.Commit(ct);
        return report;
    }

    /// <summary>Parts a text at full stops, question marks and line ends; a point between digits or in a short word parts nothing.</summary>
    internal static IReadOnlyList<string> Sentences(string text)
    {
        var (sentences, start) = (new List<string>(), 0);
        for (var at = 0; at < text.Length; at++)
        {
            var ends = text[at] is '\n' || (text[at] is '.' or '!' or '?' && (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1])));
            if (!ends && at + 1 < text.Length) continue;
            if (text[start..(at + 1)].Trim() is { Length: > 0 } sentence) sentences.Add(string.Join(' ', sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
            start = at + 1;
        }

        return sentences;
    }

    // The database keeps microseconds: the cut must be what it will read back.
    internal static DateTimeOffset Microseconds(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % 10, TimeSpan.Zero);

    static Problem Invalid(string field, string detail) => Problem.Invalid("report.invalid", new FieldProblem(field, detail));

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/oversight/reports",
        async (Actor actor, Input input, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, settings, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/oversight/reports/{made.Id}", made)));
}
