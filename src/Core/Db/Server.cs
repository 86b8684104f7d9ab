using Npgsql;

namespace PenguinMails.Core.Db;

/// <summary>Prepares a PostgreSQL server that somebody else runs (<c>PENGUIN__DATABASE__CONNECTION</c>).</summary>
public static class Server
{
    const int VersionMin = 150000; // PostgreSQL 15.

    const string CreateAppRole = """
        do $$ begin
          if not exists (select 1 from pg_roles where rolname = 'penguin_app') then
            execute format('create role penguin_app login nosuperuser nocreatedb nocreaterole nobypassrls password %L', current_setting('app.password'));
          else
            execute format('alter role penguin_app password %L', current_setting('app.password'));
          end if;
        end $$
        """;

    /// <summary>Creates or updates the role penguin_app with a password derived from the master key, so that every node knows it.</summary>
    /// <param name="appConnection">From <c>PENGUIN__DATABASE__APPCONNECTION</c>: the role exists already and is left alone. Null otherwise.</param>
    /// <exception cref="InvalidOperationException">The server is older than PostgreSQL 15.</exception>
    public static async Task<Database> Prepare(string ownerConnection, string? appConnection, MasterKey key, CancellationToken ct)
    {
        await using var source = NpgsqlDataSource.Create(ownerConnection);
        await using var connection = await source.OpenConnectionAsync(ct).ConfigureAwait(false);
        if (connection.PostgreSqlVersion.Major * 10000 < VersionMin)
            throw new InvalidOperationException($"PostgreSQL 15 or newer is needed; the server is {connection.PostgreSqlVersion}.");
        if (appConnection is not null) return new Database(ownerConnection, appConnection);

        var password = Convert.ToHexStringLower(key.Derive("database/penguin_app"));
        await using var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
        await using (var set = new NpgsqlCommand("select set_config('app.password', $1, true)", connection, transaction))
        {
            set.Parameters.Add(new NpgsqlParameter<string> { TypedValue = password });
            await set.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }

        await using (var create = new NpgsqlCommand(CreateAppRole, connection, transaction)) await create.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        await transaction.CommitAsync(ct).ConfigureAwait(false);
        var app = new NpgsqlConnectionStringBuilder(ownerConnection) { Username = Database.AppRole, Password = password };
        return new Database(ownerConnection, app.ConnectionString);
    }
}
