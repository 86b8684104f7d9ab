using System.CommandLine;
using System.Globalization;
using PenguinMails.Cli.Backup;
using PenguinMails.Secrets.Archives;

namespace PenguinMails.Cli.Verbs;

/// <summary>Backup, drill, restore. Each ends whole or leaves nothing behind.</summary>
static class BackupVerbs
{
    static Option<bool> Json() => new("--json") { Description = "Print the result as JSON, and no progress." };

    static Option<string?> PassphraseFile() => new("--passphrase-file") { Description = "A file of mode 0600 with a passphrase of 20 characters or more." };

    static Option<string?> PrivateKey() => new("--key") { Description = "The private key (PEM, mode 0600) of the public one the backup was made for." };

    static Argument<string> Place() => new("FILE") { Description = "The backup." };

    public static Command Backup()
    {
        var (file, passphrase, json) = (Place(), PassphraseFile(), Json());
        var key = new Option<string?>("--to-key") { Description = "A public key (PEM, P-256 or larger): only the private one opens the backup." };
        var command = new Command("backup", "Write everything into one encrypted file, while the program runs. Verified by a drill: penguin backup verify.") { file, passphrase, key, json, Verify() };
        OneOf(command, passphrase, key);
        command.SetAction((parsed, ct) => Ends(async () =>
        {
            var configuration = Host.Configuration();
            var @lock = parsed.GetValue(passphrase) is { } words ? ArchiveLock.Passphrase(words) : ArchiveLock.PublicKey(parsed.GetValue(key) ?? "");
            var done = await TakeBackup.Run(Path.GetFullPath(parsed.GetValue(file) ?? ""), @lock, Settings.Read(configuration, Roles.None), configuration, new Told(parsed.GetValue(json), TimeProvider.System), ct);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Core.Json.Write(done)
                : string.Create(CultureInfo.InvariantCulture, $"{done.File}: {Told.Size(done.Bytes)}, {done.Rows:N0} rows of {done.Tables} tables as of {done.CreatedAt:yyyy-MM-dd HH:mm:ss}Z, in {done.Seconds:F1} s."));
            return 0;
        }, ct));
        return command;
    }

    static Command Verify()
    {
        var (file, passphrase, key, json) = (Place(), PassphraseFile(), PrivateKey(), Json());
        var command = new Command("verify", "A restore drill: restore into a throw-away cluster, compare every table, verify every audit chain, open a secret of each account. Exit 1 with what is wrong.") { file, passphrase, key, json };
        OneOf(command, passphrase, key);
        command.SetAction((parsed, ct) => Ends(async () =>
        {
            var found = await Drill.Run(Path.GetFullPath(parsed.GetValue(file) ?? ""), Opener(parsed.GetValue(passphrase), parsed.GetValue(key)), new Told(parsed.GetValue(json), TimeProvider.System), ct);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Core.Json.Write(found) : Proved(found));
            foreach (var fault in found.Faults) await Console.Error.WriteLineAsync("penguin: " + fault);
            return found.IsGood ? 0 : 1;
        }, ct));
        return command;
    }

    public static Command Restore()
    {
        var (file, passphrase, key, json) = (Place(), PassphraseFile(), PrivateKey(), Json());
        var data = new Option<string?>("--data") { Description = "The data folder to make; absent or empty. Default: PENGUIN__DATA__FOLDER." };
        var sending = new Option<bool>("--keep-sending") { Description = "Leave campaigns as they were. Only where nothing was sent after the backup: else people are mailed twice." };
        var command = new Command("restore", "Make an installation out of a backup, in an empty data folder. Running campaigns come back paused.") { file, passphrase, key, data, sending, json };
        OneOf(command, passphrase, key);
        command.SetAction((parsed, ct) => Ends(async () =>
        {
            var configuration = Host.Configuration(parsed.GetValue(data) is { } folder ? new Dictionary<string, string?> { ["Data:Folder"] = Path.GetFullPath(folder) } : null);
            var done = await RestoreBackup.Run(Path.GetFullPath(parsed.GetValue(file) ?? ""), Opener(parsed.GetValue(passphrase), parsed.GetValue(key)), Settings.Read(configuration, Roles.None), configuration,
                holds: !parsed.GetValue(sending), new Told(parsed.GetValue(json), TimeProvider.System), ct);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? Core.Json.Write(done) : Made(done));
            return 0;
        }, ct));
        return command;
    }

    static ArchiveOpener Opener(string? passphrase, string? key) => passphrase is not null ? ArchiveOpener.Passphrase(passphrase) : ArchiveOpener.PrivateKey(key ?? "");

    static void OneOf(Command command, Option<string?> one, Option<string?> other) => command.Validators.Add(result =>
    {
        if (result.GetValue(one) is null == result.GetValue(other) is null) result.AddError($"Give either {one.Name} FILE or {other.Name} FILE.");
    });

    static async Task<int> Ends(Func<Task<int>> work, CancellationToken ct)
    {
        try
        {
            return await work();
        }
        catch (Exception refused) when (refused is BackupRefused or ArchiveDamaged)
        {
            await Console.Error.WriteLineAsync("penguin: " + refused.Message);
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or InvalidOperationException or IOException or Npgsql.NpgsqlException && ct.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("penguin: stopped; nothing was left behind.");
        }
        catch (Exception unwritten) when (unwritten is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"penguin: {unwritten.Message.TrimEnd('.')}. Nothing was left behind; make room or name another place, and try again.");
        }

        return 1;
    }

    static string Proved(Drill.Output found) => string.Create(CultureInfo.InvariantCulture, $"""
        file      {(found.IsGood ? "whole" : "opens")}: {found.Blocks} blocks, made {found.CreatedAt:yyyy-MM-dd HH:mm:ss}Z
        database  {found.Rows:N0} rows of {found.Tables} tables restored and counted
        schema    {(found.StepsBehind == 0 ? "as this program has it" : $"{found.StepsBehind} steps older; they were applied")}
        audit     {found.AuditEntries:N0} entries in the chains of {found.Accounts} accounts
        secrets   {(found.Vault is { } vault ? $"in Vault at {vault}: not in the backup and not asked" : $"one opened in each of {found.Opened} accounts; {found.WithoutSecret} have none")}; {found.DkimKeys} DKIM keys opened
        {(found.IsGood ? "GOOD" : "BAD ")}      in {found.Seconds:F1} s
        """);

    static string Made(RestoreBackup.Output done) => string.Create(CultureInfo.InvariantCulture, $"""
        Restored {done.Rows:N0} rows of {done.Accounts} accounts as of {done.CreatedAt:yyyy-MM-dd HH:mm:ss}Z into {done.Folder}, in {done.Seconds:F1} s.
          schema     {(done.StepsApplied == 0 ? "as this program has it" : $"{done.StepsApplied} newer steps applied")}
          campaigns  {done.Paused} running ones are paused, {done.Stopped} that were being launched are stopped
          secrets    {(done.Vault is { } vault ? $"in Vault at {vault}; set PENGUIN__SECRETS__VAULT__… as before" : $"{done.KeysRewrapped} data keys wrapped anew")}
          settings   {done.Folder}/penguin.json holds those of the old working folder{(done.LeftOut.Count == 0 ? "" : "; give again: " + string.Join(", ", done.LeftOut))}
        Start it: PENGUIN__DATA__FOLDER={done.Folder} ./penguin up
        """);
}
