using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Campaigns.Campaigns;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Archives;
using PenguinMails.Secrets.Keys;

namespace PenguinMails.Cli.Backup;

/// <summary>Makes an installation out of a backup, in an empty place only. All of it, or nothing is left.</summary>
static class RestoreBackup
{
    /// <param name="StepsApplied">Steps of the schema that this program has and the backup had not.</param>
    /// <param name="KeysRewrapped">Data keys that now lie under the master key of this installation.</param>
    /// <param name="Paused">Campaigns that were running.</param>
    /// <param name="Stopped">Campaigns that were being launched.</param>
    /// <param name="LeftOut">Settings to be given again, by name.</param>
    public sealed record Output(
        string Folder, DateTimeOffset CreatedAt, long Rows, int StepsApplied, int Accounts, int KeysRewrapped, int Paused, int Stopped, string? Vault, IReadOnlyList<string> LeftOut, double Seconds);

    sealed record Settled(int Steps, int Accounts, int Rewrapped, int Paused, int Stopped);

    /// <param name="holds">False only where nothing was sent after the backup.</param>
    /// <exception cref="InvalidOperationException">The place is not empty, or something failed; the message says what to do.</exception>
    public static async Task<Output> Run(string path, ArchiveOpener opener, Settings settings, IConfiguration configuration, bool holds, Told told, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        using var folder = RestoreFolder.Claim(settings.DataFolder);
        told.Step("Checking the file …");
        await Check(path, opener, ct);
        await using var backup = await OpenedBackup.Open(path, opener, ct);
        var configured = configuration["Keys:Master"];
        if (!string.IsNullOrEmpty(configured) && configured != backup.Keys.Master)
            throw new InvalidOperationException("PENGUIN__KEYS__MASTER is not the master key of this backup. Take it out of the environment: the restore writes keys/master.key into the data folder.");
        folder.Write(backup, keepsKey: string.IsNullOrEmpty(configured));
        told.Step($"Restoring {backup.Manifest.RowsInAll:N0} rows of {backup.Manifest.Rows.Count} tables into {settings.DataFolder} …");
        await using var target = await RestoreTarget.Open(settings.DataFolder, configuration, backup.Master, ct);
        ct.ThrowIfCancellationRequested();
        await Refill.Run(backup, target.Writer, target.Owner, told, ct);
        var different = target.IsPrivate ? await Refill.Differences(backup.Manifest, target.Writer, ct) : [];
        if (different.Count > 0) throw new InvalidOperationException("The restored database is not the one that was backed up: " + string.Join(' ', different));
        var settled = await Settle(target.Database, backup, SecretsOptions.From(configuration, Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY")), holds, ct);
        folder.Keep();
        return new Output(settings.DataFolder, backup.Manifest.CreatedAt, backup.Manifest.RowsInAll, settled.Steps, settled.Accounts, settled.Rewrapped, settled.Paused, settled.Stopped,
            backup.Manifest.VaultAddress, backup.Manifest.LeftOut, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    // The whole file before anything is made: a fault in its last block is told in seconds, not after an hour.
    static async Task Check(string path, ArchiveOpener opener, CancellationToken ct)
    {
        await using var backup = await OpenedBackup.Open(path, opener, ct);
        backup.Manifest.StepsBehind();
        await backup.Dump(dump => dump.CopyToAsync(Stream.Null, ct), ct);
    }

    static async Task<Settled> Settle(Database database, OpenedBackup backup, SecretsOptions options, bool holds, CancellationToken ct)
    {
        int steps;
        await using (var owner = database.OpenAsOwner()) steps = await Migrator.Apply(owner, [.. Modules.All.SelectMany(module => Migrator.From(module.Assembly))], TimeProvider.System, ct);
        await using var services = RestoredServices.Over(database, backup, options);
        var (db, masters) = (services.GetRequiredService<TenantDb>(), services.GetRequiredService<MasterKeys>());
        var (tenants, rewrapped, paused, stopped) = (await ListTenants.Handle(db, ct), 0, 0, 0);
        foreach (var actor in tenants.Select(tenant => Actor.System(tenant)))
        {
            rewrapped += Need(await RewrapKeys.Handle(actor, masters, db, TimeProvider.System, ct)).Rewrapped;
            if (!holds) continue;
            var held = Need(await HoldCampaigns.Handle(actor, db, TimeProvider.System, ct));
            (paused, stopped) = (paused + held.Paused, stopped + held.Stopped);
        }

        return new Settled(steps, tenants.Count, rewrapped, paused, stopped);
    }

    static T Need<T>(Result<T> result) => result.Match(value => value, problem => throw new InvalidOperationException($"{problem.Detail} ({problem.Code})"));
}
