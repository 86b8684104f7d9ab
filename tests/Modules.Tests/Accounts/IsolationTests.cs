using Npgsql;
using PenguinMails.Accounts;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class IsolationTests(AccountsWorld world, TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    const string ScopedTables = """
        select c.relname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'accounts' and c.relkind = 'r' and c.relrowsecurity and c.relforcerowsecurity
        order by c.relname
        limit 100
        """;

    /// <summary>One row in every scoped table of one tenant; the table, and statements as somebody else would try them.</summary>
    public static TheoryData<string> Tables => ["tenant", "workspace", "membership", "invitation", "api_key", "idempotency_key", "entitlement", "system_mail"];

    [Fact]
    public async Task The_tables_tested_here_are_all_that_belong_to_tenants()
    {
        await using var tx = await world.Db.BeginUnscoped(Ct);
        Assert.Equal(Tables.Select(row => row.Data).Order(StringComparer.Ordinal), await tx.List(ScopedTables, row => row.GetString(0), Ct));
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Another_tenant_sees_nothing_and_changes_nothing(string table)
    {
        var (other, owner) = (await world.Owner(), await Furnished());
        Assert.True(await Count(owner.Tenant, owner.Tenant, table) > 0, $"Nothing to see in {table}.");
        Assert.Equal(0, await Count(other.Tenant, owner.Tenant, table));
        Assert.Equal(0, await Count(TenantId.Platform, owner.Tenant, table));
        Assert.Equal(0, await Run(other.Tenant, $"delete from accounts.{table} where tenant_id = $1", owner.Tenant));
        Assert.Equal(0, await Run(other.Tenant, $"update accounts.{table} set tenant_id = tenant_id where tenant_id = $1", owner.Tenant));
        Assert.True(await Count(owner.Tenant, owner.Tenant, table) > 0);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_row_cannot_be_moved_into_another_tenant(string table)
    {
        var (other, owner) = (await world.Owner(), await Furnished());
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Run(owner.Tenant, $"update accounts.{table} set tenant_id = $1", other.Tenant));
        Assert.Contains(refused.SqlState, new[] { PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.ForeignKeyViolation, PostgresErrorCodes.UniqueViolation });
    }

    [Fact]
    public async Task No_slice_reaches_into_another_tenant()
    {
        var (other, owner) = (await world.Owner(), await Furnished());
        var key = (await ListApiKeys.Handle(owner, null, null, world.Db, Ct)).Value.Items.Single();
        Assert.Equal("api_key.not_found", (await RevokeApiKey.Handle(other, key.Id, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("workspace.not_found", (await UpdateWorkspace.Handle(other, owner.Workspace!.Value, new("Mine"), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("member.not_found", (await ChangeRole.Handle(other, owner.User!.Value, new(Role.Viewer), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("member.not_found", (await RemoveMember.Handle(other, owner.User.Value, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("workspace.not_found", (await CreateApiKey.Handle(other, new("k", [Permissions.ContactsRead], owner.Workspace), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("workspace.not_found", (await InviteMember.Handle(other, new(AccountsWorld.NewEmail(), Role.Viewer, owner.Workspace), world.Web, world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.DoesNotContain((await ListMembers.Handle(other, null, null, world.Db, Ct)).Value.Items, member => member.UserId == owner.User);
        Assert.DoesNotContain((await ListWorkspaces.Handle(other, null, null, world.Db, Ct)).Value.Items, workspace => workspace.Id == owner.Workspace);
        Assert.Empty((await ListApiKeys.Handle(other, null, null, world.Db, Ct)).Value.Items);
        Assert.Equal("tenant.opened", (await ListAudit.Handle(other, null, null, world.Db, Ct)).Value.Items.Single().Action);
    }

    async Task<Actor> Furnished()
    {
        var owner = await world.Owner();
        await InviteMember.Handle(owner, new(AccountsWorld.NewEmail(), Role.Viewer), world.Web, world.Db, world.Clock, Ct); // Its mail waits.
        await CreateApiKey.Handle(owner, new("key", [Permissions.ContactsRead]), world.Db, world.Clock, Ct);
        await using var tx = await world.Db.Begin(owner.Tenant, Ct);
        await ReadEntitlement.Set(tx, "mailboxes", 3, Ct);
        await tx.Execute("insert into accounts.idempotency_key (tenant_id, actor, key, route, fingerprint, created_at) values ($1, 'a', 'k', '/', '\\x00', $2)", Ct,
            owner.Tenant, world.Clock.GetUtcNow());
        await tx.Commit(Ct);
        return owner;
    }

    async Task<long> Count(TenantId entered, TenantId asked, string table)
    {
        await using var tx = await database.Db.Begin(entered, Ct);
        return await tx.One($"select count(*) from accounts.{table} where tenant_id = $1", row => row.GetInt64(0), Ct, asked);
    }

    async Task<int> Run(TenantId entered, string sql, TenantId named)
    {
        await using var tx = await database.Db.Begin(entered, Ct);
        return await tx.Execute(sql, Ct, named);
    }
}
