using System.CommandLine;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Reports.Pdf;

namespace PenguinMails.Cli.Verbs.Report;

/// <summary>Reports: build one, list the archive, write one as a file. All need an installation and the account they are of.</summary>
static class ReportVerbs
{
    public static Command Command() => new("report", "Reports of an account: build, list, and write them as HTML, CSV, PDF or text.") { Build(), List(), Show() };

    static Option<string> Tenant() => new("--tenant") { Description = "The account, by its id ten_…", Required = true };

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as one JSON object." };

    static Option<string> Kind() => new("--kind") { Description = "board, finance, operations or weekly. Default board.", DefaultValueFactory = _ => "board" };

    static Command Build()
    {
        var (kind, tenant, json) = (Kind(), Tenant(), JsonOption());
        var period = new Option<string?>("--period") { Description = "A day of the month or week it is about, YYYY-MM-DD; default the newest that is over.", HelpName = "DATE" };
        var cut = new Option<string?>("--data-cut") { Description = "Build as the data stood then, such as 2026-11-01T09:00:00Z; default now.", HelpName = "TIME" };
        var add = new Option<string?>("--add") { Description = "Up to three sentences of your own; what they assert is held against the verdicts.", HelpName = "TEXT" };
        var command = new Command("build", "Build a report and archive it.") { kind, period, cut, add, tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            if (ReportPeriods.Find(parsed.GetValue(kind)) is not { } asked) return await Usage("--kind is board, finance, operations or weekly.");
            if (!Day(parsed.GetValue(period), out var day)) return await Usage("--period is a day, such as 2026-11-01.");
            if (!Moment(parsed.GetValue(cut), out var moment)) return await Usage("--data-cut is a moment, such as 2026-11-01T09:00:00Z.");
            var built = await BuildReport.Handle(await tools.Actor(parsed.GetValue(tenant), ct), new(asked, day, parsed.GetValue(add), moment), tools.Db, Settings(), TimeProvider.System, ct);
            if (built.Problem is { } problem) return await VerbTools.Refused(problem);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Core.Json.Write(built.Value) : Line(built.Value));
            return 0;
        }, ct));
        return command;
    }

    static Command List()
    {
        var (tenant, json) = (Tenant(), JsonOption());
        var command = new Command("list", "The newest reports of the archive.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var list = await ListReports.Handle(await tools.Actor(parsed.GetValue(tenant), ct), null, null, Core.Cursor.LimitMax, tools.Db, ct);
            if (list.Problem is { } problem) return await VerbTools.Refused(problem);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Core.Json.Write(list.Value));
            else foreach (var report in list.Value.Items) await Console.Out.WriteLineAsync(Line(report));
            return 0;
        }, ct));
        return command;
    }

    static Command Show()
    {
        var (id, tenant) = (new Argument<string>("report") { Description = "Id of the report, rep_…" }, Tenant());
        var format = new Option<string>("--format") { Description = "text, html, csv, pdf or json. Default text.", DefaultValueFactory = _ => "text" };
        var to = new Option<string?>("--out") { Description = "File to write; default standard output.", HelpName = "FILE" };
        var command = new Command("show", "Write a report from the archive.") { id, tenant, format, to };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            if (!ReportId.TryParse(parsed.GetValue(id), null, out var report)) return await Usage("The id of a report begins with rep_.");
            var actor = await tools.Actor(parsed.GetValue(tenant), ct);
            var octets = await Written(actor, report, parsed.GetValue(format) ?? "text", tools, ct);
            if (octets is null) return await Usage("--format is text, html, csv, pdf or json.");
            if (octets.Value.Problem is { } problem) return await VerbTools.Refused(problem);
            if (parsed.GetValue(to) is { } path) await File.WriteAllBytesAsync(path, octets.Value.Value, ct);
            else
            {
                await using var output = Console.OpenStandardOutput();
                await output.WriteAsync(octets.Value.Value, ct);
            }

            return 0;
        }, ct));
        return command;
    }

    // Null: no such format.
    static async Task<Core.Result<byte[]>?> Written(Core.Actor actor, ReportId report, string format, VerbTools tools, CancellationToken ct)
    {
        if (DownloadReport.FormatOf(format) is { } asked)
        {
            using var printer = new PdfPrinter(ReportSettings.From(Host.Configuration()), TimeProvider.System, NullLogger<PdfPrinter>.Instance);
            return (await DownloadReport.Handle(actor, report, asked, tools.Db, printer, ct)).Match<Core.Result<byte[]>>(made => made.Octets, problem => problem);
        }

        if (format is not ("text" or "json")) return null;
        return (await ReadReport.Handle(actor, report, tools.Db, ct)).Match<Core.Result<byte[]>>(
            read => Encoding.UTF8.GetBytes(format == "json" ? Core.Json.Write(read) + "\n" : string.Join("\n", WeeklyText.Sentences(read.Model)) + "\n"), problem => problem);
    }

    static string Line(Oversight.Reports.Report report) => string.Create(CultureInfo.InvariantCulture,
        $"{report.Id} {Core.Json.Write(report.Kind).Trim('"'),-10} {report.Period:yyyy-MM-dd} data as of {report.DataCut.UtcDateTime:yyyy-MM-dd HH:mm}Z{(report.Unsupported > 0 ? $", {report.Unsupported} unsupported" : "")}");

    static bool Day(string? text, out DateOnly? day)
    {
        day = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var known) ? known : null;
        return text is null || day is not null;
    }

    static bool Moment(string? text, out DateTimeOffset? moment)
    {
        moment = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var known) ? known : null;
        return text is null || moment is not null;
    }

    static async Task<int> Usage(string why)
    {
        await Console.Error.WriteLineAsync("penguin report: " + why);
        return 2;
    }

    static OversightSettings Settings() => OversightSettings.From(Host.Configuration());
}
