using Npgsql;
using PenguinMails.Cli.Demo;

namespace PenguinMails.Product.Tests;

/// <summary>A domain on a server of the first account, with a mailbox, an alias and an app password, and a migration that was cancelled. Nobody answers at the server's address.</summary>
sealed class HostedDomain(Api api, Dictionary<string, string> ids, Penguin penguin)
{
    const string Host = "mx1.northwind.example";

    public async Task Make(CancellationToken ct)
    {
        var server = Id(await api.Post("/api/v1/servers", new { name = "Carrier", host_name = Host, address = "192.0.2.11" }, ct));
        ids["hosted-domain"] = Id(await api.Post("/api/v1/domains", new { name = "hosted.northwind.example" }, ct));
        await Carry(ct);
        ids["hosted-mailbox"] = Id(await api.Post($"/api/v1/domains/{ids["hosted-domain"]}/mailboxes", new { local = "sam", display_name = "Sam Sender" }, ct));
        ids["aliases"] = Id(await api.Post($"/api/v1/domains/{ids["hosted-domain"]}/aliases", new { local = "info", targets = new[] { "sam@hosted.northwind.example" } }, ct));
        ids["app-passwords"] = Id(await api.Post($"/api/v1/mailboxes/{ids["hosted-mailbox"]}/app-passwords", new { label = "Phone" }, ct));
        // What fails at once and would otherwise write into the record while tests compare it.
        await api.Until<object>("The mail server not reached", TimeSpan.FromMinutes(1), async () => (await api.Get($"/api/v1/servers/{server}", ct)).GetProperty("stack_problem").GetString() is { Length: > 0 } said ? said : null, ct);
        ids["server-migrations"] = Id(await api.Post($"/api/v1/servers/{server}/migrate", new { to = ids["servers"], confirm = Host }, ct));
        await api.Post($"/api/v1/server-migrations/{ids["server-migrations"]}/cancel", new { }, ct);
        await api.Until<object>("The migration cancelled", TimeSpan.FromMinutes(1), async () => (await api.Get($"/api/v1/server-migrations/{ids["server-migrations"]}", ct)).GetProperty("state").GetString() == "cancelled" ? api : null, ct);
    }

    static string Id(System.Text.Json.JsonElement made) => made.GetProperty("id").GetString() ?? "";

    // What the steps of a provisioning say once a machine answered.
    async Task Carry(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection($"Host={penguin.Folder}/db;Username=postgres;Database=penguin;Pooling=false");
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"update fleet.domain set server_id = (select id from fleet.server where host_name = '{Host}') where name = 'hosted.northwind.example'", connection);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(ct));
    }
}
