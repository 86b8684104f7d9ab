using System.CommandLine;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Cli.Verbs.Kpi;

/// <summary>Figures: their list, one of them, and values from a file. All need an installation and the account they are of.</summary>
static class KpiVerbs
{
    public static Command Command() => new("kpi", "Figures of an account: verdicts, definitions, and values loaded from CSV.") { List(), Show(), Load() };

    static Option<string> Tenant() => new("--tenant") { Description = "The account, by its id ten_…", Required = true };

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as one JSON object." };

    static Argument<string> Key() => new("kpi") { Description = "Key of the figure, as penguin kpi list prints it." };

    static Command List()
    {
        var (tenant, json) = (Tenant(), JsonOption());
        var command = new Command("list", "Every figure with its verdict.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var lines = await ListKpis.Handle(await tools.Actor(parsed.GetValue(tenant), ct), tools.Db, Settings(), TimeProvider.System, ct);
            if (lines.Problem is { } problem) return await VerbTools.Refused(problem);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Core.Json.Write(lines.Value));
            else foreach (var line in lines.Value.Items) await Console.Out.WriteLineAsync($"{line.Kpi.Key,-32} {Word(line.Verdict),-16} {line.Verdict?.Sentence ?? (line.Kpi.Source == KpiSource.Feed ? "no values; load them with penguin kpi load" : "no period is closed yet")}");
            return 0;
        }, ct));
        return command;
    }

    static Command Show()
    {
        var (key, tenant, json) = (Key(), Tenant(), JsonOption());
        var command = new Command("show", "One figure: definition, values and verdicts.") { key, tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var read = await ReadKpi.Handle(await tools.Actor(parsed.GetValue(tenant), ct), parsed.GetValue(key) ?? "", tools.Db, Settings(), TimeProvider.System, ct);
            if (read.Problem is { } problem) return await VerbTools.Refused(problem);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Core.Json.Write(read.Value));
            else await Console.Out.WriteLineAsync($"{read.Value.Kpi.Name}: {read.Value.Kpi.Formula}\n{read.Value.Verdict?.Sentence ?? "No period is closed yet."}\n"
                + string.Concat(read.Value.Values.Select(value => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value.Start:yyyy-MM-dd} {value.Observed}{(value.Denominator is { } trials ? $" ({value.Numerator} of {trials})" : " " + value.Unit)}\n"))));
            return 0;
        }, ct));
        return command;
    }

    static Command Load()
    {
        var (key, file, tenant, json) = (Key(), new Argument<string>("file") { Description = "CSV: start,value or, for a rate, start,num,den. - reads standard input." }, Tenant(), JsonOption());
        var currency = new Option<string?>("--currency") { Description = "ISO 4217 code, for money." };
        var command = new Command("load", "Take values of a figure from a file; all of them or none.") { key, file, tenant, currency, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var path = parsed.GetValue(file) ?? "-";
            var text = await GivenFile.Text(path, ct);
            var input = new LoadKpi.Input(text, path == "-" ? "standard input" : Path.GetFileName(path), parsed.GetValue(currency));
            var loaded = await LoadKpi.Handle(await tools.Actor(parsed.GetValue(tenant), ct), parsed.GetValue(key) ?? "", input, tools.Db, Settings(), TimeProvider.System, ct);
            if (loaded.Problem is { } problem)
            {
                foreach (var field in problem.Fields) await Console.Error.WriteLineAsync($"{path}: {field.Field}: {field.Detail}");
                return await VerbTools.Refused(problem);
            }

            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Core.Json.Write(loaded.Value) : $"{loaded.Value.Kpi}: {loaded.Value.Rows} periods read, {loaded.Value.Changed} new or changed.");
            return 0;
        }, ct));
        return command;
    }

    static OversightSettings Settings() => OversightSettings.From(Host.Configuration());

    static string Word(KpiVerdict? verdict) => verdict is null ? "nothing closed" : Core.Json.Write(verdict.Announced).Trim('"').Replace('_', ' ');
}
