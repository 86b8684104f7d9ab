using System.CommandLine;
using PenguinMails.Core;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Cli.Verbs.Cost;

/// <summary>Billed costs: files of them loaded, listed and taken back. All need an installation and the account they are of.</summary>
static class CostVerbs
{
    public static Command Command() => new("cost", "Billed costs of an account, held against its plan.") { Load(), List(), Withdraw() };

    static Option<string> Tenant() => new("--tenant") { Description = "The account, by its id ten_…", Required = true };

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as one JSON object." };

    static Command Load()
    {
        var (file, tenant, json) = (new Argument<string>("file") { Description = "CSV: billed_on,vendor,amount,currency and more, or an export in FOCUS. - reads standard input." }, Tenant(), JsonOption());
        var command = new Command("load", "Take billed costs from a file; all of them or none.") { file, tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var path = parsed.GetValue(file) ?? "-";
            var text = await GivenFile.Text(path, ct);
            var loaded = await LoadCosts.Handle(await tools.Actor(parsed.GetValue(tenant), ct), new(text, path == "-" ? "standard input" : Path.GetFileName(path)), tools.Db, TimeProvider.System, ct);
            if (loaded.Problem is { } problem)
            {
                foreach (var field in problem.Fields) await Console.Error.WriteLineAsync($"{path}: {field.Field}: {field.Detail}");
                return await VerbTools.Refused(problem);
            }

            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json.Write(loaded.Value) : $"{loaded.Value.Rows} rows read as {loaded.Value.Load}, {MinorUnits.Show(loaded.Value.Total / MinorUnits.Scale(loaded.Value.Currency), loaded.Value.Currency)} in all.");
            return 0;
        }, ct));
        return command;
    }

    static Command List()
    {
        var (tenant, json) = (Tenant(), JsonOption());
        var command = new Command("list", "Files that were loaded, newest first.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var loads = await ListCostLoads.Handle(await tools.Actor(parsed.GetValue(tenant), ct), null, Cursor.LimitMax, tools.Db, ct);
            if (loads.Problem is { } problem) return await VerbTools.Refused(problem);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Json.Write(loads.Value));
            else foreach (var load in loads.Value.Items) await Console.Out.WriteLineAsync($"{load.Id} {load.Rows,7} rows {load.Currency} {load.File}{(load.WithdrawnAt is null ? "" : " (withdrawn)")}");
            return 0;
        }, ct));
        return command;
    }

    static Command Withdraw()
    {
        var (id, tenant, json) = (new Argument<string>("load") { Description = "Id of the loaded file, col_…" }, Tenant(), JsonOption());
        var command = new Command("withdraw", "Take a loaded file back: its rows count no longer.") { id, tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            if (!CostLoadId.TryParse(parsed.GetValue(id), null, out var load)) throw new WrongUsage($"{parsed.GetValue(id)} is not the id of a loaded file; it begins with col_, and penguin cost list prints them.");
            var taken = await WithdrawCosts.Handle(await tools.Actor(parsed.GetValue(tenant), ct), load, tools.Db, TimeProvider.System, ct);
            if (taken.Problem is { } problem) return await VerbTools.Refused(problem);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Json.Write(taken.Value) : $"{taken.Value.Rows} rows of {taken.Value.File} count no longer.");
            return 0;
        }, ct));
        return command;
    }
}
