using PenguinMails.Accounts;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Modules.Tests.Accounts;

/// <summary>A person or key of one workspace: a client of an agency, who may not see the other clients or the agency's own affairs.</summary>
[Collection(nameof(AccountsWorld))]
public sealed class ConfinedTests(AccountsWorld world, TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_of_one_workspace_stays_in_it()
    {
        var owner = await world.Owner();
        var client = (await CreateWorkspace.Handle(owner, new("Client"), world.Db, world.Clock, Ct)).Value.Id;
        var member = await world.Member(owner, Role.Manager, client);
        Assert.Equal(client, member.Actor!.Workspace);
        Assert.Equal([client], (await ListWorkspaces.Handle(member.Actor, null, null, world.Db, Ct)).Value.Items.Select(one => one.Id));
        var token = (await world.LogIn(member.Email)).Value.Token;
        Assert.Equal("workspace.not_found", (await world.Resolver.FromSession(token, owner.Workspace.ToString(), Ct)).Problem?.Code);
        Assert.Equal("workspace.not_found", (await ChooseWorkspace.Handle(member, new(owner.Tenant, owner.Workspace), world.Db, Ct)).Problem?.Code);
        Assert.Equal("member.role_not_confined", (await InviteMember.Handle(owner, new(AccountsWorld.NewEmail(), Role.Admin, client), world.Web, world.Db, world.Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Who_is_in_one_workspace_sees_no_other_workspaces_people_and_nothing_of_the_whole_account()
    {
        var owner = await world.Owner();
        var (client, other) = ((await CreateWorkspace.Handle(owner, new("Client"), world.Db, world.Clock, Ct)).Value.Id, (await CreateWorkspace.Handle(owner, new("Other"), world.Db, world.Clock, Ct)).Value.Id);
        var (viewer, theirs) = (await world.Member(owner, Role.Viewer, client), await world.Member(owner, Role.Viewer, other));
        Assert.Equal([Permissions.MembersRead, Permissions.OverviewRead], viewer.Actor!.Permissions.Order());
        Assert.Equal([owner.User!.Value, viewer.User], (await ListMembers.Handle(viewer.Actor, null, null, world.Db, Ct)).Value.Items.Select(one => one.UserId));
        Assert.Equal(3, (await ListMembers.Handle(owner, null, null, world.Db, Ct)).Value.Items.Count);
        var key = (await CreateApiKey.Handle(owner, new("theirs", [Permissions.MembersRead], other), world.Db, world.Clock, Ct)).Value.Key;
        var program = (await world.Resolver.FromApiKey(key, null, Ct)).Value;
        Assert.Equal([owner.User!.Value, theirs.User], (await ListMembers.Handle(program, null, null, world.Db, Ct)).Value.Items.Select(one => one.UserId));
        var wide = (await CreateApiKey.Handle(owner, new("all", [Permissions.MembersRead]), world.Db, world.Clock, Ct)).Value.Key;
        Assert.Equal(3, (await ListMembers.Handle((await world.Resolver.FromApiKey(wide, client.ToString(), Ct)).Value, null, null, world.Db, Ct)).Value.Items.Count);
        Assert.Equal("api_key.scope_not_confined", (await CreateApiKey.Handle(owner, new("plans", [Permissions.OversightRead], client), world.Db, world.Clock, Ct)).Problem?.Code);
    }

    /// <summary>As keys are that were made before some scopes were kept from keys of one workspace.</summary>
    [Fact]
    public async Task A_key_of_one_workspace_has_lost_what_concerns_the_whole_account()
    {
        var owner = await world.Owner();
        var made = (await CreateApiKey.Handle(owner, new("old", [Permissions.AuditRead, Permissions.ContactsRead]), world.Db, world.Clock, Ct)).Value;
        await using (var tx = await world.Db.Begin(owner.Tenant, Ct))
        {
            await tx.Execute("update accounts.api_key set workspace_id = $3 where tenant_id = $1 and id = $2", Ct, owner.Tenant, made.Id, owner.Workspace);
            await tx.Commit(Ct);
        }

        var program = (await world.Resolver.FromApiKey(made.Key, null, Ct)).Value;
        Assert.Equal([Permissions.ContactsRead], program.Permissions);
        Assert.Equal(owner.Workspace, program.ConfinedTo(Permissions.ContactsRead));
        Assert.Null(owner.ConfinedTo(Permissions.ContactsRead));
    }

    /// <summary>The migration sees the keys of every account, although the policy shows its role none of them.</summary>
    [Fact]
    public async Task A_key_of_the_whole_account_that_read_the_overview_goes_on_reading_oversight()
    {
        var owner = await world.Owner();
        var wide = (await CreateApiKey.Handle(owner, new("wide", [Permissions.OverviewRead]), world.Db, world.Clock, Ct)).Value.Key;
        var narrow = (await CreateApiKey.Handle(owner, new("narrow", [Permissions.OverviewRead], owner.Workspace), world.Db, world.Clock, Ct)).Value.Key;
        var migration = Migrator.From(typeof(Roles).Assembly).Single(one => one.Sql.Contains("'oversight:read'", StringComparison.Ordinal));
        await using (var connection = await database.OwnerSource.OpenConnectionAsync(Ct))
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        await using (var command = new Npgsql.NpgsqlCommand(migration.Sql, connection, transaction))
        {
            await command.ExecuteNonQueryAsync(Ct);
            await transaction.CommitAsync(Ct);
        }

        Assert.Equal([Permissions.OversightRead, Permissions.OverviewRead], (await world.Resolver.FromApiKey(wide, null, Ct)).Value.Permissions.Order());
        Assert.Equal([Permissions.OverviewRead], (await world.Resolver.FromApiKey(narrow, null, Ct)).Value.Permissions);
    }
}
