using System.CommandLine;
using System.Globalization;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Keys;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Cli.Verbs;

/// <summary>Secrets for the operator: what there is, what is due, new keys, and shredding. Shows no value.</summary>
static class SecretVerbs
{
    sealed record StatusLine(TenantId Tenant, long Secrets, long Overdue, long DueSoon, long Stuck, int? KeyGeneration, IReadOnlyList<string> MasterIds, DateTimeOffset? ShreddedAt);

    sealed record StatusReport(StoreHealth Store, IReadOnlyList<StatusLine> Accounts);

    sealed record RewrapLine(TenantId Tenant, int Rewrapped, int Total, string? Refusal);

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as JSON." };

    static Option<string?> TenantOption(bool required) => new("--tenant") { Description = required ? "The account, by its id ten_…" : "Only this account, by its id ten_…", Required = required };

    static Option<string> ReasonOption() => new("--reason") { Description = "Why; stands in the access log.", Required = true };

    public static Command Command() => new("secrets", "Passwords and keys: what there is, what is due, and the keys they lie under.") { List(), Rotate(), Rewrap(), Shred(), Status() };

    static Command List()
    {
        var (tenant, json, query) = (TenantOption(true), JsonOption(), new Option<string?>("--query") { Description = "Part of a path." });
        var command = new Command("list", "Names, versions and plans of an account's secrets; never a value.") { tenant, query, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var (actor, cursor, all) = (await tools.Actor(parsed.GetValue(tenant), ct), (string?)null, new List<SecretEntry>());
            do
            {
                var page = await ListSecrets.Handle(actor, new(parsed.GetValue(query), cursor, Cursor.LimitMax), tools.Db, ct);
                if (page.Problem is { } problem) return await VerbTools.Refused(problem);
                all.AddRange(page.Value.Items);
                cursor = page.Value.NextCursor;
            }
            while (cursor is not null);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Json.Write(all));
            foreach (var entry in parsed.GetValue(json) ? [] : all)
                await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{entry.Path}  version {entry.CurrentVersion}  {entry.Kind ?? "no plan"}  {(entry.DueAt is { } due ? $"due {due:yyyy-MM-dd}" : "on demand")}"));
            return 0;
        }, ct));
        return command;
    }

    static Command Rotate()
    {
        var (tenant, reason, json) = (TenantOption(true), ReasonOption(), JsonOption());
        var path = new Option<string?>("--path") { Description = "The secret to rotate at its peer." };
        var dataKey = new Option<bool>("--data-key") { Description = "Give the account a new data key and seal everything anew." };
        var command = new Command("rotate", "Begin to rotate a secret, or an account's data key. The workers do the rest.") { tenant, path, dataKey, reason, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var (actor, why) = (await tools.Actor(parsed.GetValue(tenant), ct), parsed.GetValue(reason) ?? "");
            if (parsed.GetValue(dataKey) == (parsed.GetValue(path) is not null)) throw new WrongUsage("Give either --path or --data-key.");
            if (parsed.GetValue(dataKey))
            {
                var key = await RotateDataKey.Handle(actor, why, tools.Masters, tools.Db, TimeProvider.System, ct);
                return key.Problem is { } refused ? await VerbTools.Refused(refused) : await Say(parsed.GetValue(json), key.Value, $"The data key {key.Value.Generation} is in use; the job {key.Value.Job} seals the older values anew.");
            }

            var found = await ListSecrets.Handle(actor, new(parsed.GetValue(path), null, Cursor.LimitMax), tools.Db, ct);
            if (found.Value.Items.FirstOrDefault(one => one.Path == parsed.GetValue(path)) is not { } entry) return await VerbTools.Refused(SecretProblems.NotFound);
            var started = await StartRotation.Handle(actor, entry.Id, new(why), tools.Rotators, tools.Db, TimeProvider.System, ct);
            return started.Problem is { } problem ? await VerbTools.Refused(problem) : await Say(parsed.GetValue(json), started.Value, $"The rotation {started.Value.Id} has begun.");
        }, ct));
        return command;
    }

    static Command Rewrap()
    {
        var (tenant, json) = (TenantOption(false), JsonOption());
        var command = new Command("rewrap", "Wrap every data key anew under the current master key. Reading and writing go on.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var lines = new List<RewrapLine>();
            foreach (var id in await tools.Tenants(parsed.GetValue(tenant), ct))
            {
                var done = await RewrapKeys.Handle(Actor.System(id), tools.Masters, tools.Db, TimeProvider.System, ct);
                lines.Add(done.Match(output => new RewrapLine(id, output.Rewrapped, output.Total, null), problem => new RewrapLine(id, 0, 0, $"{problem.Detail} ({problem.Code})")));
            }

            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Json.Write(lines));
            foreach (var line in parsed.GetValue(json) ? [] : lines) await Console.Out.WriteLineAsync(line.Refusal is null ? $"{line.Tenant} {line.Rewrapped} of {line.Total} keys rewrapped" : $"{line.Tenant} REFUSED {line.Refusal}");
            return lines.All(line => line.Refusal is null) ? 0 : 1;
        }, ct));
        return command;
    }

    static Command Shred()
    {
        var (tenant, reason, json) = (TenantOption(true), ReasonOption(), JsonOption());
        var command = new Command("shred", "Make every secret of an account unreadable for good. Asks twice: yes, and the account's name.") { tenant, reason, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var actor = await tools.Actor(parsed.GetValue(tenant), ct);
            if (await ReadTenantName.Handle(actor.Tenant, tools.Db, ct) is not { } name) throw new InvalidOperationException($"There is no account {actor.Tenant}.");
            var status = await ReadStatus.Handle(actor, tools.Store, tools.Db, TimeProvider.System, ct);
            await Console.Error.WriteLineAsync($"{name} has {status.Value.Secrets} secrets. After shredding nobody can read them: its mailboxes stop sending, and no backup of this database brings them back without an old master key.");
            if (await Ask("Shred them? Type yes: ", ct) != "yes") return await VerbTools.Refused(new Problem(ProblemKind.Conflict, "secret.shred_unconfirmed", "Nothing was shredded."));
            var typed = await Ask("Type the account's name: ", ct);
            var shredded = await ShredSecrets.Handle(actor, new(name, typed, parsed.GetValue(reason) ?? ""), tools.Store, ct);
            return shredded.Problem is { } problem ? await VerbTools.Refused(problem) : await Say(parsed.GetValue(json), new { tenant = actor.Tenant, shredded = true }, $"The secrets of {name} were shredded.");
        }, ct));
        return command;
    }

    static Command Status()
    {
        var (tenant, json) = (TenantOption(false), JsonOption());
        var command = new Command("status", "How the store stands, what is due in each account, and under which master keys its data keys lie. Exit 1 unless the store is ready.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var (health, lines) = (await tools.Store.Health(ct), new List<StatusLine>());
            foreach (var id in await tools.Tenants(parsed.GetValue(tenant), ct))
            {
                var one = (await ReadStatus.Handle(Actor.System(id), tools.Store, tools.Db, TimeProvider.System, ct)).Value;
                lines.Add(new StatusLine(id, one.Secrets, one.Overdue, one.DueSoon, one.Stuck, one.KeyGeneration, one.MasterIds, one.ShreddedAt));
            }

            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Json.Write(new StatusReport(health, lines)));
            else await Console.Out.WriteLineAsync($"{health.Store}: {health.State.ToString().ToLowerInvariant()}. {health.Detail}");
            foreach (var line in parsed.GetValue(json) ? [] : lines)
                await Console.Out.WriteLineAsync($"{line.Tenant} {line.Secrets} secrets, {line.Overdue} overdue, {line.DueSoon} due soon, {line.Stuck} stuck; data key {line.KeyGeneration?.ToString(CultureInfo.InvariantCulture) ?? "none"} under {(line.MasterIds.Count == 0 ? "none" : string.Join(", ", line.MasterIds))}{(line.ShreddedAt is null ? "" : "; SHREDDED")}");
            return health.State == StoreState.Ready ? 0 : 1;
        }, ct));
        return command;
    }

    static async Task<string> Ask(string question, CancellationToken ct)
    {
        await Console.Error.WriteAsync(question);
        return (await Console.In.ReadLineAsync(ct))?.Trim() ?? "";
    }

    static async Task<int> Say<T>(bool json, T result, string text)
    {
        await Console.Out.WriteLineAsync(json ? Json.Write(result) : text);
        return 0;
    }
}
