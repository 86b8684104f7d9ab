using Npgsql;
using PenguinMails.Core.Db;
using PenguinMails.Core.Jobs;

namespace PenguinMails.Modules.Tests.Core;

/// <summary>Connections are few: nobody holds one longer than its transaction, and nobody who holds one waits for another.</summary>
public sealed class PoolTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    NpgsqlDataSource One() => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.Connections.AppConnection) { MaxPoolSize = 1, Timeout = 1 });

    [Fact]
    public async Task A_committed_transaction_has_given_its_connection_back()
    {
        await using var only = One();
        var db = new TenantDb(only, database.Subscribers, new JobSignal());
        var first = await db.Begin(database.NewTenant(), Ct);
        await Assert.ThrowsAsync<NpgsqlException>(() => db.Begin(database.NewTenant(), Ct));
        await first.Commit(Ct);
        await using var second = await db.Begin(database.NewTenant(), Ct);
        await second.Execute("create temporary table kept (number integer) on commit drop", Ct);
        await first.DisposeAsync(); // Must not end what the connection is in now.
        Assert.Equal(1, await second.Execute("insert into kept (number) values (1)", Ct));
    }

    [Fact]
    public async Task Beside_an_open_transaction_there_are_connections_of_their_own()
    {
        await using var only = One();
        await using var spare = One();
        var db = new TenantDb(only, database.Subscribers, new JobSignal(), spare);
        await using var first = await db.Begin(database.NewTenant(), Ct);
        await using var second = await db.Beside.Begin(database.NewTenant(), Ct);
        Assert.Equal(2, await first.One("select 1", row => row.GetInt32(0), Ct) + await second.One("select 1", row => row.GetInt32(0), Ct));
    }
}
