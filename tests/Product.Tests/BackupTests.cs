using System.Text.Json;
using PenguinMails.Cli.Demo;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Sandbox;

namespace PenguinMails.Product.Tests;

/// <summary>A backup taken while mail goes out becomes the same installation elsewhere, which sends nothing by itself.</summary>
public sealed class BackupTests(ITestOutputHelper output) : IDisposable
{
    readonly BackupPlace _place = new();
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _place.Dispose();

    [Fact(Timeout = 600_000)]
    public async Task Backed_up_in_the_middle_of_a_send_it_comes_back_elsewhere_whole_and_silent()
    {
        await using var penguin = await Penguin.Start(Ct);
        using var api = new Api(penguin.Web, TimeProvider.System);
        var run = new DemoRun(api, Penguin.Samples, penguin.SandboxSmtpPort, output.WriteLine);
        await run.Prepare(Ct);
        await run.Launch(Ct);
        while (SandboxJournal.Read(penguin.Journal).Count < 50) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        var file = _place.At("monday.penguin");
        var (code, said, error) = await Penguin.Verb(penguin.Settings, Ct, "backup", file, "--passphrase-file", _place.Passphrase, "--json");
        Assert.True(code == 0, error);
        output.WriteLine(said);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var verdict = new DemoVerdict(api, run.CampaignId, penguin.Journal);
        await verdict.Settle(TimeSpan.FromMinutes(3), wasKilled: false, Ct);
        Assert.Empty((await verdict.Judge(page: null, wasKilled: false, Ct)).Faults); // Nobody noticed the backup.
        var mailbox = (await api.Get("/api/v1/mailboxes", Ct)).GetProperty("items")[0].GetProperty("id").GetString();
        var (contacts, key, workspace) = ((await api.All("/api/v1/contacts", Ct)).Count, api.Bearer, api.Workspace);

        var drill = JsonDocument.Parse(await Done("backup", "verify", file, "--passphrase-file", _place.Passphrase, "--json")).RootElement;
        Assert.Equal((1, 1, 0, 1), (drill.GetProperty("accounts").GetInt32(), drill.GetProperty("opened").GetInt32(), drill.GetProperty("faults").GetArrayLength(), drill.GetProperty("dkim_keys").GetInt32()));
        Assert.Equal(0, await penguin.Stop());
        var elsewhere = _place.At("elsewhere");
        var restored = JsonDocument.Parse(await Done("restore", file, "--passphrase-file", _place.Passphrase, "--data", elsewhere, "--json")).RootElement;
        Assert.Equal((1, drill.GetProperty("rows").GetInt64()), (restored.GetProperty("paused").GetInt32() + restored.GetProperty("stopped").GetInt32(), restored.GetProperty("rows").GetInt64()));

        penguin.Settings["PENGUIN__DATA__FOLDER"] = elsewhere;
        await penguin.Launch(Ct);
        api.Bearer = run.SessionToken; // The session of before is still one.
        Assert.Equal(JsonValueKind.String, (await api.Get("/api/v1/me", Ct)).GetProperty("tenant_id").ValueKind);
        await run.LogIn(Ct);
        (api.Bearer, api.Workspace) = (key, workspace);
        Assert.Equal(contacts, (await api.All("/api/v1/contacts", Ct)).Count);
        Assert.True((await api.Post($"/api/v1/mailboxes/{mailbox}/test", new { }, Ct)).GetProperty("ok").GetBoolean(), "The mailbox's secret opens, and its server takes it.");
        Assert.Contains((await api.Get($"/api/v1/campaigns/{run.CampaignId}", Ct)).GetProperty("state").GetString(), new[] { "paused", "stopped" });
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Ct); // Longer than a lane sleeps.
        Assert.DoesNotContain(SandboxJournal.Read(Path.Combine(elsewhere, "sandbox", "journal.jsonl")), line => line.Sender.StartsWith("b-", StringComparison.Ordinal));
        Assert.Equal(0, await penguin.Stop());
        Assert.Equal(0, (await Penguin.Verb(penguin.Settings, Ct, "audit", "verify")).Code);
    }

    [Fact]
    public async Task An_older_schema_is_brought_up_to_date_and_a_master_key_from_a_file_is_not_needed_again()
    {
        var folder = _place.Folder("older");
        var steps = Cli.Modules.All.SelectMany(module => Migrator.From(module.Assembly)).ToList();
        var newest = steps.Where(step => step.Module == "Fleet").MaxBy(step => step.Number)!;
        MasterKey.Load(null, folder);
        await using (var cluster = await PrivateCluster.Start(Path.Combine(folder, "db"), durable: false, TimeProvider.System, Ct))
        {
            await using var owner = cluster.Database.OpenAsOwner();
            await Migrator.Apply(owner, [.. steps.Where(step => step != newest)], TimeProvider.System, Ct);
        }

        // Not running: the cluster is started for the while.
        await DoneIn(new() { ["PENGUIN__DATA__FOLDER"] = folder }, "backup", _place.At("older.penguin"), "--passphrase-file", _place.Passphrase);
        var drill = JsonDocument.Parse(await Done("backup", "verify", _place.At("older.penguin"), "--passphrase-file", _place.Passphrase, "--json")).RootElement;
        Assert.Equal(1, drill.GetProperty("steps_behind").GetInt32());
        var restored = JsonDocument.Parse(await Done("restore", _place.At("older.penguin"), "--passphrase-file", _place.Passphrase, "--data", _place.At("newer"), "--json")).RootElement;
        Assert.Equal(1, restored.GetProperty("steps_applied").GetInt32());
    }

    [Fact]
    public async Task Secrets_under_a_key_of_their_own_open_at_a_place_that_has_only_the_backup()
    {
        var key = _place.Secret("secrets.key", Convert.ToBase64String(Enumerable.Range(1, 32).Select(n => (byte)n).ToArray()));
        var folder = "";
        await using (var penguin = await Penguin.Start(Ct, ("SECRETS__MASTER", "file:" + key)))
        {
            using var api = new Api(penguin.Web, TimeProvider.System);
            api.Bearer = await TwoAccounts.SignUp(api, "olga@fjord.example", "Fjord Ltd", Ct);
            await api.Post("/api/v1/secrets", new { path = "providers/a", fields = new Dictionary<string, string> { ["key"] = "value-nobody-may-find" }, reason = "new contract", expected_version = 0, kind = "api_key" }, Ct);
            await DoneIn(penguin.Settings, "backup", _place.At("own.penguin"), "--to-key", await _place.Pair(Ct) + ".pub");
            folder = penguin.Folder;
        }

        Assert.False(Directory.Exists(folder));
        File.Delete(key); // The old machine is gone with all it had.
        var drill = await Done("backup", "verify", _place.At("own.penguin"), "--key", await _place.Pair(Ct));
        Assert.Contains("one opened in each of 1 accounts", drill);
        Assert.Contains("1 data keys wrapped anew", await Done("restore", _place.At("own.penguin"), "--key", await _place.Pair(Ct), "--data", _place.At("new")));
        var status = await Penguin.Verb(new() { ["PENGUIN__DATA__FOLDER"] = _place.At("new") }, Ct, "secrets", "rewrap");
        Assert.True(status is { Code: 0 } && status.Output.Contains("0 of 1 keys rewrapped", StringComparison.Ordinal), status.Output + status.Error); // They lie under the new installation's key.
        Assert.DoesNotContain("value-nobody-may-find", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_place.At("own.penguin"), Ct)));
    }

    [Fact]
    public async Task On_a_server_of_ones_own_the_role_must_see_everything_and_the_database_must_be_empty()
    {
        await using var server = await PrivateCluster.Start(_place.Folder("server"), durable: false, TimeProvider.System, Ct);
        Dictionary<string, string> Of(string database, string data) => new()
        {
            ["PENGUIN__DATA__FOLDER"] = _place.At(data), ["PENGUIN__DATABASE__CONNECTION"] = server.Connection("postgres", database), ["PENGUIN__DATABASE__APPCONNECTION"] = server.Connection("penguin_app", database),
        };
        var (old, fresh) = (Of("penguin", "old"), Of("fresh", "fresh"));
        await DoneIn(old, "migrate");
        old["PENGUIN__DATABASE__BACKUPCONNECTION"] = server.Connection("penguin_owner", "penguin");
        Assert.Contains("may not read past row-level security", (await Penguin.Verb(old, Ct, "backup", _place.At("own.penguin"), "--passphrase-file", _place.Passphrase)).Error);
        old.Remove("PENGUIN__DATABASE__BACKUPCONNECTION");
        await DoneIn(old, "backup", _place.At("own.penguin"), "--passphrase-file", _place.Passphrase);

        string[] restore = ["restore", _place.At("own.penguin"), "--passphrase-file", _place.Passphrase];
        var full = Of("penguin", "fresh");
        Assert.Contains("is not empty", (await Penguin.Verb(full, Ct, restore)).Error);
        Assert.False(Directory.Exists(_place.At("fresh")));
        await using (var source = Npgsql.NpgsqlDataSource.Create(server.Connection("postgres", "postgres"))) await source.CreateCommand("create database fresh").ExecuteNonQueryAsync(Ct);
        await DoneIn(fresh, restore);
        await DoneIn(fresh, "migrate"); // The program takes it as its own.
    }

    Task<string> Done(params string[] words) => DoneIn([], words);

    async Task<string> DoneIn(Dictionary<string, string> environment, params string[] words)
    {
        var (code, said, error) = await Penguin.Verb(environment, Ct, words);
        Assert.True(code == 0, said + error);
        output.WriteLine(said + error);
        return said;
    }
}
