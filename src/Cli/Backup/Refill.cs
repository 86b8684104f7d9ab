using Npgsql;

namespace PenguinMails.Cli.Backup;

/// <summary>Puts the dump of a backup into an empty database, in one transaction: all of it or nothing.</summary>
static class Refill
{
    /// <param name="connection">A private cluster's superuser, or the owner on a server of one's own.</param>
    /// <param name="owner">Role that the tables are to belong to; null for the connection's own.</param>
    /// <returns>Blocks of the file.</returns>
    /// <exception cref="InvalidOperationException">pg_restore failed; the message is its own. The database is as it was.</exception>
    public static async Task<long> Run(OpenedBackup backup, string connection, string? owner, Told told, CancellationToken ct)
    {
        await using (var server = new NpgsqlConnection(connection + ";Pooling=false"))
        {
            await server.OpenAsync(ct);
            if (server.PostgreSqlVersion.Major < backup.Manifest.PostgresMajor)
                throw new InvalidOperationException($"The backup is from PostgreSQL {backup.Manifest.PostgresMajor}; the server here is {server.PostgreSqlVersion.Major}. Run: apt-get install -y --no-install-recommends postgresql-{backup.Manifest.PostgresMajor}");
        }

        var database = new NpgsqlConnectionStringBuilder(connection).Database ?? "";
        List<string> words = ["--dbname=" + database, "--no-owner", "--single-transaction", "--exit-on-error", "--no-password"];
        if (owner is not null) words.Add("--role=" + owner);
        var command = PgPrograms.Command(PgPrograms.Find("pg_restore", backup.Manifest.PostgresMajor), connection, words);
        return await backup.Dump(dump => PgPrograms.Write(command, new CountedStream(dump, bytes => told.Bytes("database", bytes)), ct), ct);
    }

    /// <summary>Tables whose number of rows is not that of the manifest, as sentences.</summary>
    public static async Task<IReadOnlyList<string>> Differences(Manifest manifest, string reader, CancellationToken ct)
    {
        await using var snapshot = await Snapshot.Take(reader, ct);
        var found = await snapshot.CountRows(ct);
        return
        [
            .. manifest.Rows.Where(table => found.GetValueOrDefault(table.Key, -1) != table.Value)
                .Select(table => $"{table.Key} has {(found.TryGetValue(table.Key, out var rows) ? $"{rows:N0} rows" : "gone")}; the backup had {table.Value:N0}."),
            .. found.Keys.Where(table => !manifest.Rows.ContainsKey(table)).Select(table => $"{table} is not in the backup."),
        ];
    }
}
