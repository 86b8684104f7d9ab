using Npgsql;

namespace PenguinMails.Core.Db;

/// <summary>The part that makes a new cluster: its files, its roles, its database.</summary>
public sealed partial class PrivateCluster
{
    static readonly string[] Roles = ["postgres", "penguin_owner", Database.AppRole];

    const string CreateRoles = """
        do $$ begin
          if not exists (select 1 from pg_roles where rolname = 'penguin_owner') then
            create role penguin_owner login nosuperuser nobypassrls;
          end if;
          if not exists (select 1 from pg_roles where rolname = 'penguin_app') then
            create role penguin_app login nosuperuser nobypassrls;
          end if;
        end $$
        """;

    const string SelectDatabase = "select 1 from pg_database where datname = 'penguin'";

    async Task Initialise(CancellationToken ct)
    {
        Directory.CreateDirectory(_folder);
        if (File.Exists(Path.Combine(DataFolder, "PG_VERSION"))) return;
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
            await RunPlain(["chown", "postgres:", _folder], ct).ConfigureAwait(false);
        }

        string[] sync = _durable ? [] : ["--no-sync"];
        await Run(["initdb", "-D", DataFolder, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", .. sync], ct).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "pg_hba.conf"), "local all all peer map=penguin\nlocal replication postgres peer map=penguin\n", ct).ConfigureAwait(false);
        await File.WriteAllLinesAsync(Path.Combine(DataFolder, "pg_ident.conf"), Roles.Select(role => $"penguin {Environment.UserName} {role}"), ct).ConfigureAwait(false);
    }

    async Task CreateDatabase(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(Connection("postgres", "postgres") + ";Pooling=false");
        await connection.OpenAsync(ct).ConfigureAwait(false);
        await using (var roles = new NpgsqlCommand(CreateRoles, connection)) await roles.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        await using var exists = new NpgsqlCommand(SelectDatabase, connection);
        if (await exists.ExecuteScalarAsync(ct).ConfigureAwait(false) is not null) return;
        await using var create = new NpgsqlCommand("create database penguin owner penguin_owner", connection);
        await create.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }
}
