using Npgsql;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Core;

public sealed class AuditTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_untouched_chain_verifies()
    {
        var tenant = await ThreeEntries();
        Assert.Equal(new AuditVerdict(3, null, "Every entry is in place."), await Audit.Verify(database.Db, tenant, Ct));
    }

    [Theory]
    [InlineData("update core.audit_entry set detail = '{\"n\":9}' where tenant_id = $1 and seq = 2", 2)]
    [InlineData("delete from core.audit_entry where tenant_id = $1 and seq = 2", 2)]
    [InlineData("delete from core.audit_entry where tenant_id = $1 and seq = 3", 3)]
    [InlineData("update core.audit_entry set actor = 'somebody' where tenant_id = $1 and seq = 3", 3)]
    [InlineData("delete from core.audit_entry where tenant_id = $1", 1)]
    public async Task Any_altered_or_missing_row_is_found(string tampering, long brokenAt)
    {
        var tenant = await ThreeEntries();
        await AsOwner(tenant, tampering);
        Assert.Equal(brokenAt, (await Audit.Verify(database.Db, tenant, Ct)).BrokenAt);
    }

    [Theory]
    [InlineData("update core.audit_entry set detail = '' where tenant_id = $1")]
    [InlineData("delete from core.audit_entry where tenant_id = $1")]
    public async Task The_program_can_neither_change_nor_remove_an_entry(string sql)
    {
        var tenant = await ThreeEntries();
        await using var tx = await database.Db.Begin(tenant, Ct);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => tx.Execute(sql, Ct, tenant));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Another_tenant_sees_no_entry()
    {
        var tenant = await ThreeEntries();
        await using var tx = await database.Db.Begin(database.NewTenant(), Ct);
        Assert.Empty(await tx.List("select seq from core.audit_entry where tenant_id = $1 limit 10", row => row.GetInt64(0), Ct, tenant));
    }

    async Task<TenantId> ThreeEntries()
    {
        var tenant = database.NewTenant();
        for (var n = 1; n <= 3; n++)
        {
            await using var tx = await database.Db.Begin(tenant, Ct);
            await tx.Append(Actor.System(tenant), "thing.done", $"thing_{n}", new { n }, database.Clock.GetUtcNow(), Ct);
            await tx.Commit(Ct);
        }

        return tenant;
    }

    async Task AsOwner(TenantId tenant, string sql)
    {
        await using var connection = await database.OwnerSource.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var enter = new NpgsqlCommand("select set_config('app.tenant_id', $1, true)", connection) { Parameters = { new() { Value = tenant.Value.ToString() } } };
        await enter.ExecuteNonQueryAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = tenant.Value } } };
        Assert.True(await command.ExecuteNonQueryAsync(Ct) > 0);
        await transaction.CommitAsync(Ct);
    }
}
