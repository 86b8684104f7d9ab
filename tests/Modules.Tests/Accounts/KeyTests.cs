using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Limits;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class KeyTests(AccountsWorld world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_acts_with_its_scopes_and_under_its_own_name()
    {
        var owner = await world.Owner();
        var made = (await Create(owner, [Permissions.ContactsRead, Permissions.ContactsRead])).Value;
        Assert.Matches("^pm_live_[0-9A-Za-z]{49}$", made.Key);
        var actor = (await world.Resolver.FromApiKey(made.Key, null, Ct)).Value;
        Assert.Equal((ActorKind.ApiKey, owner.Tenant, (WorkspaceId?)null, (UserId?)null, made.Id.ToString()), (actor.Kind, actor.Tenant, actor.Workspace, actor.User, actor.Label));
        Assert.Equal([Permissions.ContactsRead], actor.Permissions);
    }

    [Fact]
    public async Task A_mistyped_key_is_refused_by_its_checksum_alone()
    {
        var key = (await Create(await world.Owner(), [Permissions.ContactsRead])).Value.Key;
        Assert.True(ApiKeyFormat(key));
        for (var i = 8; i < key.Length; i++)
            Assert.False(ApiKeyFormat(key[..i] + (key[i] == 'a' ? 'b' : 'a') + key[(i + 1)..]), $"Changed at {i}.");
        Assert.False(ApiKeyFormat(key[..^1]));
        Assert.False(ApiKeyFormat(key + "0"));
        Assert.Equal("auth.invalid", (await world.Resolver.FromApiKey(key[..^1] + "\0", null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task A_key_ends_at_its_expiry_or_when_revoked()
    {
        var owner = await world.Owner();
        var now = world.Clock.GetUtcNow();
        Assert.Equal("api_key.expiry_invalid", (await Create(owner, [Permissions.ContactsRead], expiresAt: now)).Problem?.Code);
        var shortLived = (await Create(owner, [Permissions.ContactsRead], expiresAt: now.AddHours(1))).Value;
        var other = (await Create(owner, [Permissions.ContactsRead])).Value;
        world.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.True((await world.Resolver.FromApiKey(shortLived.Key, null, Ct)).IsOk);
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("auth.invalid", (await world.Resolver.FromApiKey(shortLived.Key, null, Ct)).Problem?.Code);
        Assert.True((await RevokeApiKey.Handle(owner, other.Id, world.Db, world.Clock, Ct)).IsOk);
        Assert.Equal("auth.invalid", (await world.Resolver.FromApiKey(other.Key, null, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Nobody_makes_a_key_that_may_do_more_than_they()
    {
        var owner = await world.Owner();
        var key = (await Create(owner, [Permissions.ApiKeysManage, Permissions.ContactsRead])).Value.Key;
        var actor = (await world.Resolver.FromApiKey(key, null, Ct)).Value;
        Assert.Equal("api_key.scope_too_high", (await Create(actor, [Permissions.ContactsWrite])).Problem?.Code);
        Assert.True((await Create(actor, [Permissions.ContactsRead])).IsOk);
        Assert.Equal("api_key.scope_unknown", (await Create(owner, ["everything"])).Problem?.Code);
        Assert.Equal("api_key.scope_unknown", (await Create(owner, [])).Problem?.Code);
        var narrow = (await Create(owner, [Permissions.ContactsRead])).Value.Key;
        Assert.Equal("permission.missing", (await Create((await world.Resolver.FromApiKey(narrow, null, Ct)).Value, [Permissions.ContactsRead])).Problem?.Code);
    }

    [Fact]
    public async Task A_key_of_one_workspace_stays_in_it()
    {
        var owner = await world.Owner();
        var client = (await CreateWorkspace.Handle(owner, new("Client"), world.Db, world.Clock, Ct)).Value.Id;
        var bound = (await Create(owner, [Permissions.ContactsRead], client)).Value.Key;
        Assert.Equal(client, (await world.Resolver.FromApiKey(bound, null, Ct)).Value.Workspace);
        Assert.Equal(client, (await world.Resolver.FromApiKey(bound, client.ToString(), Ct)).Value.Workspace);
        Assert.Equal("workspace.not_found", (await world.Resolver.FromApiKey(bound, owner.Workspace.ToString(), Ct)).Problem?.Code);
        var free = (await Create(owner, [Permissions.ContactsRead])).Value.Key;
        Assert.Equal(client, (await world.Resolver.FromApiKey(free, client.ToString(), Ct)).Value.Workspace);
        Assert.Equal("workspace.not_found", (await world.Resolver.FromApiKey(free, (await world.Owner()).Workspace.ToString(), Ct)).Problem?.Code);
        Assert.Equal("workspace.id_invalid", (await world.Resolver.FromApiKey(free, "wsp_\0", Ct)).Problem?.Code);
    }

    [Fact]
    public async Task The_last_use_is_written_once_a_minute_at_most()
    {
        var owner = await world.Owner();
        var key = (await Create(owner, [Permissions.ContactsRead])).Value.Key;
        var first = world.Clock.GetUtcNow();
        await world.Resolver.FromApiKey(key, null, Ct);
        world.Clock.Advance(TimeSpan.FromSeconds(59));
        await world.Resolver.FromApiKey(key, null, Ct);
        Assert.Equal(first, await LastUse(owner));
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.Resolver.FromApiKey(key, null, Ct);
        Assert.Equal(first.AddSeconds(60), await LastUse(owner));
    }

    [Fact]
    public async Task Workspaces_have_names_of_their_own_and_one_stays_in_use()
    {
        var owner = await world.Owner();
        var main = owner.Workspace!.Value;
        Assert.Equal("workspace.name_taken", (await CreateWorkspace.Handle(owner, new("Main"), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("name.invalid", (await CreateWorkspace.Handle(owner, new(new string('a', 101)), world.Db, world.Clock, Ct)).Problem?.Code);
        Assert.Equal("workspace.last", (await Update(owner, main, new(IsArchived: true))).Problem?.Code);
        var second = (await CreateWorkspace.Handle(owner, new(new string('a', 100)), world.Db, world.Clock, Ct)).Value.Id;
        Assert.Equal("workspace.name_taken", (await Update(owner, second, new(Name: "Main"))).Problem?.Code);
        Assert.Equal("workspace.postal_address_invalid", (await Update(owner, second, new(PostalAddress: "1 Street\0"))).Problem?.Code);
        Assert.True((await Update(owner, second, new(SenderName: "Client Ltd", PostalAddress: "1 Street\r\nTown"))).IsOk);
        Assert.True((await Update(owner, main, new(IsArchived: true))).IsOk);
        var listed = (await ListWorkspaces.Handle(owner, null, null, world.Db, Ct)).Value.Items;
        Assert.Equal(("Client Ltd", "1 Street\nTown"), (listed[1].SenderName, listed[1].PostalAddress));
        Assert.NotNull(listed[0].ArchivedAt);
    }

    [Fact]
    public async Task An_entitlement_is_read_by_name_and_none_means_no_limit()
    {
        var owner = await world.Owner();
        Assert.Null(await ReadEntitlement.Handle(owner, "mailboxes", world.Db, Ct));
        foreach (var amount in new[] { 5L, 0L })
        {
            await using (var tx = await world.Db.Begin(owner.Tenant, Ct))
            {
                await ReadEntitlement.Set(tx, "mailboxes", amount, Ct);
                await tx.Commit(Ct);
            }

            Assert.Equal(amount, await ReadEntitlement.Handle(owner, "mailboxes", world.Db, Ct));
        }
    }

    // Without the checksum a look-up would still say no; the table of look-ups is not asked at all.
    static bool ApiKeyFormat(string text) => ApiKeyText.IsWellFormed(text);

    async Task<DateTimeOffset?> LastUse(Actor owner) => (await ListApiKeys.Handle(owner, null, null, world.Db, Ct)).Value.Items.Single().LastUsedAt;

    Task<Result<CreateApiKey.Output>> Create(Actor actor, string[] scopes, WorkspaceId? workspace = null, DateTimeOffset? expiresAt = null) =>
        CreateApiKey.Handle(actor, new("key", scopes, workspace, expiresAt), world.Db, world.Clock, Ct);

    Task<Result<Done>> Update(Actor actor, WorkspaceId id, UpdateWorkspace.Input input) => UpdateWorkspace.Handle(actor, id, input, world.Db, world.Clock, Ct);
}
