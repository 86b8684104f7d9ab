using System.Text.Json;

namespace PenguinMails.Cli.Demo;

/// <summary>A server is left: its domains, mailboxes and mail go to another bare machine while mail flows.</summary>
/// <param name="say">Called with a sentence after each step.</param>
public sealed class MigrationRun(Api api, Outside outside, Action<string> say)
{
    const string Machine = "vps2";
    public const string Address = "198.18.1.111";
    public const string HostName = $"mail2.{FleetRun.Domain}";
    public const string Name = "migration";
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    readonly HashSet<string> _done = [];

    public string ServerId { get; private set; } = "";
    public List<StepTime> Times { get; } = [];

    public async Task AddServer(CancellationToken ct)
    {
        var made = await api.Post("/api/v1/servers", new { name = "Second server", host_name = HostName, address = Address, port = 22, user = "root" }, ct);
        ServerId = made.GetProperty("id").GetString() ?? "";
        await outside.Act(ct, "authorise", Machine, made.GetProperty("public_key").GetString() ?? "");
        say($"{Address} is another bare Debian 12");
    }

    /// <returns>The id of the migration.</returns>
    public async Task<string> Begin(string from, CancellationToken ct)
    {
        var old = await api.Get($"/api/v1/servers/{from}", ct);
        return (await api.Post($"/api/v1/servers/{from}/migrate", new { to = ServerId, confirm = old.GetProperty("host_name").GetString() }, ct)).GetProperty("id").GetString() ?? "";
    }

    public async Task Follow(string id, CancellationToken ct)
    {
        await api.Until<object>("The migration done", Patience, async () => await Look(id, ct) == "done" ? this : null, ct);
        foreach (var step in (await api.Get($"/api/v1/server-migrations/{id}", ct)).GetProperty("steps").EnumerateArray())
            Times.Add(new(Name, step.GetProperty("name").GetString() ?? "", step.GetProperty("platform_ms").GetInt64() / 1000.0, step.GetProperty("customer_ms").GetInt64() / 1000.0));
    }

    /// <returns>The state of the migration.</returns>
    public async Task<string> Look(string id, CancellationToken ct)
    {
        var now = await api.Get($"/api/v1/server-migrations/{id}", ct);
        foreach (var step in now.GetProperty("steps").EnumerateArray())
        {
            var (name, state, note) = (step.GetProperty("name").GetString() ?? "", step.GetProperty("state").GetString(), step.GetProperty("note").GetString());
            if (state == "done" && _done.Add(name)) say($"migration: {name,-11} {note}");
            if (state == "stopped") throw new DemoFailed($"migration: {name} stopped: {note}");
            if (state == "customer" && name == "ptr" && _done.Add("asked"))
            {
                say($"migration: the provider of the address is asked: {note}");
                await outside.Act(ct, "ptr", Address, HostName);
            }
        }

        return now.GetProperty("state").GetString() ?? "";
    }

    /// <summary>The answer that came before lies in the mailbox on the new server, once; new mail comes there; nothing is left to do on either machine.</summary>
    /// <exception cref="DemoFailed">One of these is not so.</exception>
    public async Task Prove(FleetRun run, CancellationToken ct)
    {
        var mailboxes = await api.All("/api/v1/mailboxes", ct);
        if (mailboxes.Find(mailbox => mailbox.GetProperty("smtp").GetProperty("host").GetString() != HostName) is { ValueKind: JsonValueKind.Object } left) throw new DemoFailed("A mailbox stayed behind: " + left.GetRawText());
        var olivia = mailboxes.First(mailbox => mailbox.GetProperty("address").GetString() == $"olivia@{FleetRun.Domain}").GetProperty("id").GetString();
        var inbox = (await api.Get($"/api/v1/mailboxes/{olivia}/inbox", ct)).EnumerateArray().Count(mail => mail.GetProperty("from").GetString() == run.Results["reply"]);
        if (inbox != 1) throw new DemoFailed($"The answer lies {inbox} times in the mailbox on the new server.");
        foreach (var server in new[] { run.ServerId, ServerId })
            if ((await api.Get($"/api/v1/servers/{server}/changes", ct)).GetProperty("items").GetArrayLength() is > 0 and var open) throw new DemoFailed($"{open} things are still to be done on {server}.");
        say("the answer of before lies in the mailbox on the new server; both machines are as they should be");
        await outside.Act(ct, "reply", run.Results["reply"], run.Token, "One more word.");
        await api.Until<object>("Mail on the new server", TimeSpan.FromMinutes(2), async () =>
            (await api.Get($"/api/v1/mailboxes/{olivia}/inbox", ct)).EnumerateArray().Any(mail => mail.GetProperty("excerpt").GetString()?.Contains("One more word", StringComparison.Ordinal) == true) ? this : null, ct);
        say($"{run.Results["reply"]} wrote once more, and that came to the new server");
    }
}
