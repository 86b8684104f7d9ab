using PenguinMails.Core.Db;

namespace PenguinMails.Cli.Backup;

/// <summary>What a backup says of itself; the first part of the archive. Holds no secret.</summary>
/// <param name="CreatedAt">The moment of the snapshot.</param>
/// <param name="PostgresMajor">Of the server the dump is from; it goes into the same or a newer one.</param>
/// <param name="Schema">Every step of the schema it had.</param>
/// <param name="Rows">Number of rows of every table, counted in the snapshot of the dump.</param>
/// <param name="VaultAddress">Where the secrets are, when they are in Vault; they are then not in the backup. Null otherwise.</param>
/// <param name="LeftOut">Settings that hold secrets, or stood in the environment: by name, to be set again.</param>
public sealed record Manifest(
    string Program, DateTimeOffset CreatedAt, int PostgresMajor, IReadOnlyList<SchemaStep> Schema, IReadOnlyDictionary<string, long> Rows, string? VaultAddress,
    IReadOnlyList<string> LeftOut)
{
    public long RowsInAll => Rows.Values.Sum();

    /// <summary>Steps of this program that the backup lacks; they are applied after a restore.</summary>
    /// <exception cref="MigrationRefused">The backup is of a newer program.</exception>
    public int StepsBehind()
    {
        var steps = Modules.All.SelectMany(module => Migrator.From(module.Assembly)).ToList();
        Migrator.Check(Schema.ToDictionary(step => (step.Module, step.Number), step => step.Checksum), steps);
        return steps.Count - Schema.Count;
    }
}

/// <summary>A step of the schema that was applied.</summary>
public sealed record SchemaStep(string Module, int Number, string Checksum);

/// <summary>The keys without which the database is of no use; the second part of the archive, and never anywhere else.</summary>
/// <param name="Master">The installation's master key as <c>keys/master.key</c> holds it.</param>
/// <param name="SecretMasters">Base64 of the keys that wrap data keys, the current one first.</param>
/// <param name="Web">Files of <c>keys/web</c> by name: forms and notices.</param>
public sealed record KeySet(string Master, IReadOnlyList<string> SecretMasters, IReadOnlyDictionary<string, string> Web)
{
    public override string ToString() => "(keys)";
}
