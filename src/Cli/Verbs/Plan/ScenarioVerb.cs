using System.CommandLine;
using System.Globalization;
using System.Text;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;
using PenguinMails.Oversight.Scenarios;

namespace PenguinMails.Cli.Verbs.Plan;

/// <summary>Whether a plan's dated targets can be reached when drivers are set otherwise. Past values come from files.</summary>
static class ScenarioVerb
{
    sealed record Report(DateOnly AsOf, Drivers Known, IReadOnlyList<string> Unknown, Drivers Set, IReadOnlyList<ScenarioMonth> Months, IReadOnlyList<Reach> Reaches);

    sealed record Asked(string Path, string[] Set, string[] Values, string? Currency, string? Target, string? AsOf, bool IsJson);

    public static Command Command()
    {
        var (path, json, asOf) = (PlanVerbs.Path(), PlanVerbs.Json(), PlanVerbs.AsOf());
        var set = new Option<string[]>("--set") { Description = $"Set a driver otherwise: {string.Join(", ", Overrides.Names)}. Repeat it for more. churn is a share or a percentage of a month.", HelpName = "name=value" };
        var values = new Option<string[]>("--values") { Description = "Past values of a figure as penguin kpi load takes them: start,value or, for a rate, start,num,den. Repeat it for more.", HelpName = "figure=FILE" };
        var currency = new Option<string?>("--currency") { Description = "ISO 4217 code of money in the files; default the plan's.", HelpName = "CODE" };
        var target = new Option<string?>("--target") { Description = "Judge this target alone.", HelpName = "REF" };
        var command = new Command("scenario", "What the plan's dated targets take, and how likely they are. Exit 2 when plan, driver, target or file cannot be read.") { path, set, values, currency, target, asOf, json };
        command.SetAction((parsed, ct) => Run(new(parsed.GetValue(path) ?? "", parsed.GetValue(set) ?? [], parsed.GetValue(values) ?? [], parsed.GetValue(currency), parsed.GetValue(target), parsed.GetValue(asOf), parsed.GetValue(json)), ct));
        return command;
    }

    static async Task<int> Run(Asked asked, CancellationToken ct)
    {
        if (PlanVerbs.Day(asked.AsOf) is not { } day) return await PlanVerbs.NoDay(asked.AsOf);
        var reading = PlanReader.Read(asked.Path);
        if (reading.Faults.Count > 0) return await PlanVerbs.Refuse(reading.Faults);
        var faults = new List<string>();
        var (overrides, wrong) = Overrides.Read(asked.Set.Select(Pair));
        faults.AddRange(wrong.Select(fault => $"--set {fault.Field}: {fault.Detail}"));
        var series = await Series(asked, reading.Plan, day, faults, ct);
        var target = Target(asked.Target, reading.Plan, faults);
        if (faults.Count > 0)
        {
            foreach (var fault in faults) await Console.Error.WriteLineAsync($"penguin plan scenario: {fault}");
            return 2;
        }

        var judged = ReadScenario.Judge(KpiCatalog.All, series, reading.Plan, overrides, day, target);
        await Console.Out.WriteLineAsync(asked.IsJson ? Core.Json.Write(new Report(day, judged.Known, judged.Unknown, judged.Set, judged.Months, judged.Reaches)) : Text(judged, overrides));
        return 0;
    }

    // Without a sign of equality there is a name and nothing set.
    static (string Name, string Text) Pair(string written) => written.Split('=', 2) is [var name, var text] ? (name.Trim(), text.Trim()) : (written.Trim(), "");

    static async Task<ILookup<string, KpiValue>> Series(Asked asked, Oversight.Plans.Plan plan, DateOnly day, List<string> faults, CancellationToken ct)
    {
        var (all, seen) = (new List<(string Key, KpiValue Value)>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (key, file) in asked.Values.Select(Pair))
        {
            if (KpiCatalog.Find(key) is not { } kpi) faults.Add($"--values {key}: no such figure. There are {string.Join(", ", KpiCatalog.All.Select(one => one.Key))}.");
            else if (!seen.Add(key)) faults.Add($"--values {key}: stands twice; name one file.");
            else if (!File.Exists(file)) faults.Add($"--values {key}: there is no file \"{file}\"; write {key}=FILE.");
            else if (GivenFile.Refusal(file) is { } why) faults.Add($"--values {key}: {why}");
            else if (new FileInfo(file).Length > 4 * KpiFile.TextLengthMax) faults.Add($"--values {key}: {file} has more than {KpiFile.TextLengthMax:N0} characters.");
            else
            {
                var (values, wrong) = await KpiFile.Read(kpi, await GivenFile.Text(file, ct), asked.Currency ?? plan.Head?.Text("currency"), day, ct);
                faults.AddRange(wrong.Select(fault => $"{file}: {fault.Field}: {fault.Detail}"));
                all.AddRange(values.OrderBy(value => value.Start).Select(value => (key, value)));
            }
        }

        return all.ToLookup(one => one.Key, one => one.Value);
    }

    static string? Target(string? written, Oversight.Plans.Plan plan, List<string> faults)
    {
        if (written is null) return null;
        var judged = KpiCatalog.All.SelectMany(kpi => DatedTargets.Of(plan, kpi)).Select(one => one.Ref).Distinct().Order(StringComparer.Ordinal).ToList();
        var sought = written.StartsWith("Target/", StringComparison.Ordinal) ? written : $"Target/{written}";
        if (judged.Contains(sought)) return sought;
        var why = plan.Find("Target", sought["Target/".Length..]) is null ? "the plan has no such target" : "it has no date, is a range or for a segment, or its metric names none of the figures";
        faults.Add($"--target {written}: {why}. Those that can be judged are {(judged.Count > 0 ? string.Join(", ", judged) : "none: a target needs a date, and its metric a figure (is: or kpi:)")}.");
        return null;
    }

    static string Text(ReadScenario.Output judged, Overrides overrides)
    {
        var text = new StringBuilder();
        foreach (var reach in judged.Reaches) text.Append(CultureInfo.InvariantCulture, $"{reach.Due:yyyy-MM-dd} {reach.Likelihood}: {reach.Sentence}\n");
        if (judged.Reaches.Count == 0) text.Append("The plan has no dated target whose metric names a figure.\n");
        if (judged.Months.Count > 0) text.Append("The next months, a model and no forecast:\n  month customers      revenue         cost         left\n");
        foreach (var month in judged.Months) text.Append(CultureInfo.InvariantCulture, $"  {month.Month,5} {month.Customers,9:#,0} {month.Revenue,12:#,0} {month.Cost,12:#,0} {month.Left,12:#,0}\n");
        var missing = judged.Unknown.Where(name => !overrides.Has(name)).ToList();
        if (missing.Count > 0) text.Append(CultureInfo.InvariantCulture, $"Taken as 0, because neither plan nor values tell them: {string.Join(", ", missing)}. Set them with --set.\n");
        return text.ToString().TrimEnd();
    }
}
