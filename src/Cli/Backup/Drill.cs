using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Archives;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Cli.Backup;

/// <summary>A restore for practice: into a cluster that is thrown away, looked at, and gone. The running installation is not touched.</summary>
static class Drill
{
    const int SecretsTriedMax = 100;

    /// <param name="StepsBehind">Steps of the schema that were applied to it.</param>
    /// <param name="AuditEntries">In all chains.</param>
    /// <param name="Opened">Accounts of which one secret was opened.</param>
    /// <param name="WithoutSecret">Accounts that have none, or none that is not deleted.</param>
    /// <param name="DkimKeys">Opened with the installation's master key.</param>
    /// <param name="Faults">Empty when the backup is good.</param>
    public sealed record Output(
        string File, DateTimeOffset CreatedAt, long Blocks, int Tables, long Rows, int StepsBehind, int Accounts, long AuditEntries, int Opened, int WithoutSecret, int DkimKeys, string? Vault,
        IReadOnlyList<string> Faults, double Seconds)
    {
        public bool IsGood => Faults.Count == 0;
    }

    sealed record Findings(int Accounts, long Entries, int Opened, int Without, int Dkim, List<string> Faults);

    public static async Task<Output> Run(string path, ArchiveOpener opener, Told told, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await using var backup = await OpenedBackup.Open(path, opener, ct);
        var (manifest, behind) = (backup.Manifest, backup.Manifest.StepsBehind());
        var folder = Directory.CreateTempSubdirectory("penguin-drill-").FullName;
        try
        {
            if (Environment.IsPrivilegedProcess) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
            told.Step($"Restoring {manifest.RowsInAll:N0} rows of {manifest.Rows.Count} tables into {folder} …");
            await using var cluster = await PrivateCluster.Start(Path.Combine(folder, "db"), durable: false, TimeProvider.System, CancellationToken.None);
            ct.ThrowIfCancellationRequested(); // Not while it starts: half a server could not be stopped.
            var root = cluster.Connection("postgres", "penguin");
            var blocks = await Refill.Run(backup, root, "penguin_owner", told, ct);
            told.Step("Comparing, verifying …");
            var faults = await Refill.Differences(manifest, root, ct);
            await using (var owner = cluster.Database.OpenAsOwner()) await Migrator.Apply(owner, [.. Modules.All.SelectMany(module => Migrator.From(module.Assembly))], TimeProvider.System, ct);
            var found = await Look(cluster.Database, backup, ct);
            return new Output(path, manifest.CreatedAt, blocks, manifest.Rows.Count, manifest.RowsInAll, behind, found.Accounts, found.Entries, found.Opened, found.Without, found.Dkim, manifest.VaultAddress,
                [.. faults, .. found.Faults], Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            told.Close();
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<Findings> Look(Database database, OpenedBackup backup, CancellationToken ct)
    {
        await using var services = RestoredServices.Over(database, backup, SecretsOptions.Sealed);
        var db = services.GetRequiredService<TenantDb>();
        var (tenants, faults, entries, opened, without, dkim) = (await ListTenants.Handle(db, ct), new List<string>(), 0L, 0, 0, 0);
        foreach (var tenant in tenants)
        {
            var chain = await Audit.Verify(db, tenant, ct);
            entries += chain.Entries;
            if (chain.BrokenAt is not null) faults.Add($"The audit chain of {tenant} is broken. {chain.Reason}");
            try
            {
                dkim += await ProveDkimKeys.Handle(tenant, services.GetRequiredService<SealedBox>(), db, ct);
            }
            catch (CryptographicException)
            {
                faults.Add($"The DKIM keys of {tenant} do not open with the master key in the backup.");
            }

            if (backup.Manifest.VaultAddress is not null) continue; // Their values are in Vault, which is not asked in a drill.
            var secret = await OpenOne(tenant, services.GetRequiredService<ISecretStore>(), db, ct);
            if (secret.Problem is { } problem) faults.Add($"No secret of {tenant} opens. {problem.Detail} ({problem.Code})");
            else if (secret.Value) opened++;
            else without++;
        }

        return new Findings(tenants.Count, entries, opened, without, dkim, faults);
    }

    // True when one opened; false when there is none to open.
    static async Task<Result<bool>> OpenOne(TenantId tenant, ISecretStore store, TenantDb db, CancellationToken ct)
    {
        var listed = await ListSecrets.Handle(Actor.System(tenant), new(Limit: SecretsTriedMax), db, ct);
        if (listed.Problem is { } refused) return refused;
        foreach (var entry in listed.Value.Items)
        {
            var read = await store.Get(SecretAccess.Job(tenant, "restore drill", "backup.verify"), SecretPath.Parse(entry.Path), null, ct);
            if (read.IsOk) return true;
            if (read.Problem is { Code: not ("secret.deleted" or "secret.destroyed" or "secret.shredded") } problem) return problem;
        }

        return false;
    }
}
