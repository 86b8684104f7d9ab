using Npgsql;

namespace PenguinMails.Core.Db;

/// <summary>The two ways into the database: one role that migrates and owns, one that runs and owns nothing.</summary>
/// <param name="OwnerConnection">Used by the migrator only.</param>
/// <param name="AppConnection">Role penguin_app, NOBYPASSRLS.</param>
public sealed record Database(string OwnerConnection, string AppConnection)
{
    public const string AppRole = "penguin_app";

    /// <summary>The program's pool; 2 to 40 connections, a statement may take 60 s.</summary>
    public NpgsqlDataSource Open() => Source(AppConnection, "app", 40);

    /// <summary>For <see cref="TenantDb.Beside"/>; 10 connections.</summary>
    public NpgsqlDataSource OpenBeside() => Source(AppConnection, "beside", 10);

    public NpgsqlDataSource OpenAsOwner() => Source(OwnerConnection, "owner", 2);

    static NpgsqlDataSource Source(string connection, string name, int poolMax)
    {
        // Nothing is ever set for the session (the tenant is set for the transaction), so a connection needs no reset when it goes back.
        var settings = new NpgsqlConnectionStringBuilder(connection)
        {
            MaxPoolSize = poolMax, CommandTimeout = 60, ApplicationName = "penguin", NoResetOnClose = true, MaxAutoPrepare = name == "owner" ? 0 : 200, AutoPrepareMinUsages = 3,
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
