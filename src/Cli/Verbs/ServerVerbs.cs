using System.CommandLine;
using System.Globalization;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Fleet.ServerMigrations;
using PenguinMails.Fleet.Servers;
using Server = PenguinMails.Fleet.Servers.Server;

namespace PenguinMails.Cli.Verbs;

/// <summary>Servers for the operator: what there is, and how one is left for another. The workers of the running program do the work.</summary>
static class ServerVerbs
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    sealed record Place(Server Server, Actor Actor);

    static Option<string> TenantOption() => new("--tenant") { Description = "The account, by its id ten_…", Required = true };

    static Option<bool> JsonOption() => new("--json") { Description = "Print the result as JSON." };

    public static Command Command() => new("server", "Machines that carry mail: what there is, and how one is left for another.") { List(), Migrate(), Status() };

    static Command List()
    {
        var (tenant, json) = (TenantOption(), JsonOption());
        var command = new Command("list", "An account's servers with state and address.") { tenant, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var all = await Servers(tools, parsed.GetRequiredValue(tenant), ct);
            if (parsed.GetValue(json)) await Console.Out.WriteLineAsync(Json.Write(all.Select(place => place.Server)));
            foreach (var (server, _) in parsed.GetValue(json) ? [] : all)
                await Console.Out.WriteLineAsync($"{server.Id}  {server.HostName}  {server.State.ToString().ToLowerInvariant()}  {(server.Addresses.Count > 0 ? server.Addresses[0].Ip : "no address yet")}  {server.Problem}".TrimEnd());
            return 0;
        }, ct));
        return command;
    }

    static Command Migrate()
    {
        var (tenant, json) = (TenantOption(), JsonOption());
        var from = new Argument<string>("from") { Description = "Host name or id of the server that is left." };
        var to = new Argument<string>("to") { Description = "Host name or id of the server that takes over; it may be bare." };
        var confirm = new Option<string?>("--confirm") { Description = "Host name of the server that is left, once more. Without it nothing is begun and it is said what would happen." };
        var noWait = new Option<bool>("--no-wait") { Description = "Begin and return; server status shows how far it is." };
        var command = new Command("migrate", "Leave a server: its domains, mailboxes and mail go to another, DNS follows, its keys are revoked.") { from, to, tenant, confirm, noWait, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            var all = await Servers(tools, parsed.GetRequiredValue(tenant), ct);
            var (old, next) = (Find(all, parsed.GetRequiredValue(from)), Find(all, parsed.GetRequiredValue(to)));
            var started = await StartServerMigration.Handle(old.Actor, old.Server.Id, new(next.Server.Id, parsed.GetValue(confirm)), tools.Db, TimeProvider.System, ct);
            if (started.Problem is { } refused) return await VerbTools.Refused(refused);
            return parsed.GetValue(noWait) ? await Print(started.Value, parsed.GetValue(json)) : await Follow(old.Actor, started.Value.Id, parsed.GetValue(json), tools, ct);
        }, ct));
        return command;
    }

    static Command Status()
    {
        var (tenant, json) = (TenantOption(), JsonOption());
        var id = new Argument<string>("migration") { Description = "Id of a migration, smg_…" };
        var goOn = new Option<bool>("--continue") { Description = "Go on with one that stopped, or look now." };
        var leave = new Option<bool>("--leave-mail") { Description = "Leave the rest of the old server's mail behind and go on." };
        var cancel = new Option<bool>("--cancel") { Description = "Take back what was done; possible until mail leaves from the new server." };
        var wait = new Option<bool>("--wait") { Description = "Follow it to its end." };
        var command = new Command("status", "How far a migration is, step by step; goes on with it, or cancels it. Exit 1 when it stopped.") { id, tenant, goOn, leave, cancel, wait, json };
        command.SetAction((parsed, ct) => VerbTools.Within(async tools =>
        {
            if (!ServerMigrationId.TryParse(parsed.GetRequiredValue(id), null, out var known)) throw new WrongUsage($"{parsed.GetRequiredValue(id)} is not the id of a migration; it begins with smg_.");
            foreach (var actor in await Actors(tools, parsed.GetRequiredValue(tenant), ct))
            {
                var found = await ListServerMigrations.One(actor, known, tools.Db, ct);
                if (!found.IsOk) continue;
                if (parsed.GetValue(goOn)) found = await ControlServerMigration.GoOn(actor, known, tools.Db, TimeProvider.System, ct);
                if (parsed.GetValue(leave)) found = await ControlServerMigration.LeaveMail(actor, known, tools.Db, TimeProvider.System, ct);
                if (parsed.GetValue(cancel)) found = await ControlServerMigration.Cancel(actor, known, tools.Db, TimeProvider.System, ct);
                return found.Problem is { } refused ? await VerbTools.Refused(refused) : parsed.GetValue(wait) ? await Follow(actor, known, parsed.GetValue(json), tools, ct) : await Print(found.Value, parsed.GetValue(json));
            }

            throw new InvalidOperationException("There is no such migration in this account.");
        }, ct));
        return command;
    }

    /// <summary>Prints each step as it is done, until all are or a person is needed.</summary>
    static async Task<int> Follow(Actor actor, ServerMigrationId id, bool json, VerbTools tools, CancellationToken ct)
    {
        var told = new HashSet<string>();
        while (true)
        {
            var now = (await ListServerMigrations.One(actor, id, tools.Db, ct)).Value;
            foreach (var step in json ? [] : now.Steps.Where(step => step.State is "done" or "customer" or "stopped" && told.Add($"{step.Name} {step.State} {step.Note}"))) await Console.Out.WriteLineAsync(Line(step.Name, step.State, step.Note, step.PlatformMs));
            if (now.State is not ("running" or "undoing")) return json ? await Print(now, json) : await End(now);
            await Task.Delay(Look, TimeProvider.System, ct);
        }
    }

    static async Task<int> Print(ServerMigration migration, bool json)
    {
        if (json) await Console.Out.WriteLineAsync(Json.Write(migration));
        foreach (var step in json ? [] : migration.Steps) await Console.Out.WriteLineAsync(Line(step.Name, step.State, step.Note, step.PlatformMs));
        return json ? migration.State == "stopped" ? 1 : 0 : await End(migration);
    }

    static async Task<int> End(ServerMigration migration)
    {
        await Console.Out.WriteLineAsync($"{migration.Id} is {migration.State}: {migration.FromHostName} to {migration.ToHostName}, {(migration.SwitchedAt is null ? $"mail leaves from {migration.FromHostName}" : $"mail leaves from {migration.ToHostName}")}.");
        return migration.State == "stopped" ? 1 : 0;
    }

    static string Line(string step, string state, string note, long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{step,-11} {state,-8} {milliseconds / 1000.0,6:F1} s  {note}").TrimEnd();

    static async Task<IReadOnlyList<Place>> Servers(VerbTools tools, string tenant, CancellationToken ct)
    {
        var all = new List<Place>();
        foreach (var actor in await Actors(tools, tenant, ct))
        {
            var cursor = (string?)null;
            do
            {
                var page = (await ListServers.Handle(actor, cursor, Cursor.LimitMax, tools.Db, ct)).Value;
                all.AddRange(page.Items.Select(server => new Place(server, actor)));
                cursor = page.NextCursor;
            }
            while (cursor is not null);
        }

        return all;
    }

    // One for each workspace of the account.
    static async Task<IReadOnlyList<Actor>> Actors(VerbTools tools, string tenant, CancellationToken ct)
    {
        var actor = await tools.Actor(tenant, ct);
        var (all, cursor) = (new List<Actor>(), (string?)null);
        do
        {
            var page = (await ListWorkspaces.Handle(actor, cursor, Cursor.LimitMax, tools.Db, ct)).Value;
            all.AddRange(page.Items.Select(workspace => Actor.System(actor.Tenant, workspace.Id)));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }

    static Place Find(IReadOnlyList<Place> all, string name) =>
        all.Where(place => place.Server.Id.ToString() == name || place.Server.HostName.Equals(name, StringComparison.OrdinalIgnoreCase)).OrderBy(place => place.Server.State == ServerState.Destroyed).FirstOrDefault()
        ?? throw new InvalidOperationException($"There is no server {name} in this account. ./penguin server list --tenant … shows them.");
}
