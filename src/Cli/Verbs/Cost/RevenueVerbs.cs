using System.CommandLine;
using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Margins;

namespace PenguinMails.Cli.Verbs.Cost;

/// <summary>What customers paid, and what is left of it. Both need an installation and the account.</summary>
static class RevenueVerbs
{
    public static Command Command() => new("revenue", "What the customers of an account paid, set against what they cost.") { Load(), Margins() };

    static Option<string> Tenant() => new("--tenant") { Description = "The account, by its id ten_…", Required = true };

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as one JSON object." };

    static Command Load()
    {
        var (file, tenant, json) = (new Argument<string>("file") { Description = "CSV: month,workspace or domain,amount,currency,note. - reads standard input." }, Tenant(), JsonOption());
        var source = new Option<string>("--source") { Description = "Where it comes from; its lines of the same months are replaced.", DefaultValueFactory = _ => "invoices" };
        var command = new Command("load", "Take what customers paid from a file; all of it or nothing.") { file, tenant, source, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var path = parsed.GetValue(file) ?? "-";
            var text = await GivenFile.Text(path, ct);
            var loaded = await LoadRevenue.Handle(await tools.Actor(parsed.GetValue(tenant), ct), new(text, parsed.GetValue(source) ?? ""), tools.Db, TimeProvider.System, ct);
            if (loaded.Problem is { } problem)
            {
                foreach (var field in problem.Fields) await Console.Error.WriteLineAsync($"{path}: {field.Field}: {field.Detail}");
                return await VerbTools.Refused(problem);
            }

            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json.Write(loaded.Value) : $"{loaded.Value.Rows} lines of {loaded.Value.Source} read, {loaded.Value.Replaced} of before replaced.");
            return 0;
        }, ct));
        return command;
    }

    static Command Margins()
    {
        var (tenant, json) = (Tenant(), JsonOption());
        var month = new Option<string?>("--month") { Description = "2026-10; the last one that is over when left out." };
        var key = new Option<AllocationKey>("--key") { Description = "By which shared costs are shared: mailboxes, messages, domains or equal." };
        var command = new Command("margins", "What each customer earns and costs in a month, worst first.") { month, key, tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var read = await ReadMargins.Handle(await tools.Actor(parsed.GetValue(tenant), ct), parsed.GetValue(month), parsed.GetValue(key), null, tools.Db, TimeProvider.System, ct);
            if (read.Problem is { } problem) return await VerbTools.Refused(problem);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json.Write(read.Value) : AnswerMargins.Say(read.Value).Sentence);
            if (!parsed.GetValue(json) && read.Value.Currency is { } currency) await Table(read.Value, currency);
            return 0;
        }, ct));
        return command;
    }

    static async Task Table(ReadMargins.Output margins, string currency)
    {
        string Show(long? amount) => amount is { } known ? (known / MinorUnits.Scale(currency)).ToString(MinorUnits.Digits(currency) == 0 ? "0" : "0.00", CultureInfo.InvariantCulture) : "-";
        await Console.Out.WriteLineAsync($"{currency,14} {"revenue",12} {"direct",12} {"shared",12} {"margin",12}");
        foreach (var line in margins.Now.Lines) await Console.Out.WriteLineAsync($"{line.Name,-14} {Show(line.Revenue),12} {Show(line.Direct),12} {Show(line.Shared),12} {Show(line.Margin),12}");
        await Console.Out.WriteLineAsync(AnswerMargins.Basis(margins));
    }
}
