using PenguinMails.Accounts;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Members;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

[Collection(nameof(AccountsWorld))]
public sealed class MemberTests(AccountsWorld world)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invitation_is_accepted_once_and_a_new_person_can_log_in()
    {
        var owner = await world.Owner();
        var email = AccountsWorld.NewEmail();
        Assert.True((await Invite(owner, email, Role.Manager)).IsOk);
        var token = await world.MailedToken(email);
        Assert.Equal("name.invalid", (await Accept(token, name: "")).Problem?.Code);
        Assert.Equal("password.missing", (await Accept(token, password: null)).Problem?.Code);
        var joined = (await Accept(token)).Value;
        Assert.Equal((owner.Tenant, true), (joined.TenantId, joined.IsNewUser));
        Assert.Equal("token.invalid", (await Accept(token)).Problem?.Code);
        var person = await world.Enter(email);
        Assert.Equal(Roles.Permissions(Role.Manager).Order(), person.Actor!.Permissions.Order());
    }

    [Fact]
    public async Task Two_clicks_at_once_accept_once()
    {
        var owner = await world.Owner();
        var email = AccountsWorld.NewEmail();
        await Invite(owner, email, Role.Viewer);
        var token = await world.MailedToken(email);
        var results = await Task.WhenAll(Accept(token), Accept(token), Accept(token));
        Assert.Single(results, result => result.IsOk);
        Assert.All(results.Where(result => !result.IsOk), result => Assert.Equal("token.invalid", result.Problem?.Code));
    }

    [Fact]
    public async Task A_person_who_has_an_account_joins_a_second_tenant_and_chooses_where_to_act()
    {
        var (owner, guest) = (await world.Owner(), await world.Person());
        await Invite(owner, guest.Email, Role.Admin);
        var joined = (await Accept(await world.MailedToken(guest.Email), password: "ignored")).Value;
        Assert.Equal((guest.User, false), (joined.UserId, joined.IsNewUser));
        var session = (await world.LogIn(guest.Email)).Value.Token;
        var here = (await world.Resolver.FromSession(session, null, Ct)).Value;
        Assert.Equal(2, (await WhoAmI.Handle(here, world.Db, Ct)).Value.Tenants.Count);
        Assert.True((await ChooseWorkspace.Handle(here, new(owner.Tenant), world.Db, Ct)).IsOk);
        var there = (await world.Resolver.FromSession(session, null, Ct)).Value;
        Assert.Equal((owner.Tenant, owner.Workspace), (there.Actor!.Tenant, there.Actor.Workspace));
        Assert.True(there.Actor.Lacks(Permissions.AccountManage));
    }

    [Fact]
    public async Task Invitations_end_after_seven_days_or_with_a_newer_one()
    {
        var owner = await world.Owner();
        var email = AccountsWorld.NewEmail();
        await Invite(owner, email, Role.Viewer);
        var first = await world.MailedToken(email);
        await Invite(owner, email, Role.Sender);
        var second = await world.MailedToken(email);
        Assert.Equal("token.invalid", (await Accept(first)).Problem?.Code);
        world.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal("token.invalid", (await Accept(second)).Problem?.Code);
    }

    [Fact]
    public async Task Nobody_gives_a_role_that_may_do_more_than_they()
    {
        var owner = await world.Owner();
        var admin = await world.Member(owner, Role.Admin);
        Assert.Equal("member.role_too_high", (await Invite(admin.Actor!, AccountsWorld.NewEmail(), Role.Owner)).Problem?.Code);
        Assert.Equal("member.role_too_high", (await Change(admin.Actor!, owner.User!.Value, Role.Viewer)).Problem?.Code);
        Assert.Equal("member.role_too_high", (await Change(admin.Actor!, admin.User, Role.Owner)).Problem?.Code);
        Assert.Equal("member.role_too_high", (await Remove(admin.Actor!, owner.User!.Value)).Problem?.Code);
        var viewer = await world.Member(owner, Role.Viewer);
        Assert.Equal("permission.missing", (await Invite(viewer.Actor!, AccountsWorld.NewEmail(), Role.Viewer)).Problem?.Code);
        Assert.Equal("permission.missing", (await Remove(viewer.Actor!, admin.User)).Problem?.Code);
    }

    [Fact]
    public async Task The_last_owner_can_neither_leave_nor_be_demoted()
    {
        var owner = await world.Owner();
        var me = owner.User!.Value;
        Assert.Equal("member.last_owner", (await Remove(owner, me)).Problem?.Code);
        Assert.Equal("member.last_owner", (await Change(owner, me, Role.Admin)).Problem?.Code);
        var second = await world.Member(owner, Role.Owner);
        Assert.True((await Change(owner, me, Role.Admin)).IsOk);
        Assert.Equal("member.last_owner", (await Remove(second.Actor!, second.User)).Problem?.Code);
    }

    [Fact]
    public async Task Two_owners_who_demote_each_other_at_once_leave_one()
    {
        var first = await world.Owner();
        var second = await world.Member(first, Role.Owner);
        var results = await Task.WhenAll(Change(first, second.User, Role.Viewer), Change(second.Actor!, first.User!.Value, Role.Viewer));
        Assert.Single(results, result => result.IsOk);
    }

    [Fact]
    public async Task Who_is_removed_acts_no_more_and_neither_do_their_keys()
    {
        var owner = await world.Owner();
        var member = await world.Member(owner, Role.Admin);
        var session = (await world.LogIn(member.Email)).Value.Token;
        var key = (await CreateApiKey.Handle(member.Actor!, new("mine", [Permissions.ContactsRead]), world.Db, world.Clock, Ct)).Value.Key;
        Assert.True((await world.Resolver.FromApiKey(key, null, Ct)).IsOk);
        Assert.Equal(1, (await Remove(owner, member.User)).Value.ApiKeysRevoked);
        Assert.Null((await world.Resolver.FromSession(session, null, Ct)).Value.Actor);
        Assert.Equal("auth.invalid", (await world.Resolver.FromApiKey(key, null, Ct)).Problem?.Code);
        Assert.Equal("member.not_found", (await Remove(owner, member.User)).Problem?.Code);
    }

    [Fact]
    public async Task Members_are_listed_in_pages_with_all_their_roles()
    {
        var owner = await world.Owner();
        var member = await world.Member(owner, Role.Viewer);
        var first = (await ListMembers.Handle(owner, null, 1, world.Db, Ct)).Value;
        Assert.Equal((owner.User!.Value, Role.Owner), (first.Items.Single().UserId, first.Items.Single().Role));
        var second = (await ListMembers.Handle(owner, first.NextCursor, 1, world.Db, Ct)).Value;
        Assert.Equal((member.User, Role.Viewer, null), (second.Items.Single().UserId, second.Items.Single().Role, second.NextCursor));
    }

    [Fact]
    public async Task Every_change_is_in_the_tenants_record()
    {
        var owner = await world.Owner();
        var member = await world.Member(owner, Role.Viewer);
        await Change(owner, member.User, Role.Sender);
        await Remove(owner, member.User);
        var page = (await ListAudit.Handle(owner, null, 3, world.Db, Ct)).Value;
        Assert.Equal(["member.removed", "member.role_changed", "member.joined"], page.Items.Select(entry => entry.Action));
        var rest = (await ListAudit.Handle(owner, page.NextCursor, 50, world.Db, Ct)).Value;
        Assert.Equal(["member.invited", "tenant.opened"], rest.Items.Select(entry => entry.Action));
        Assert.DoesNotContain(page.Items.Concat(rest.Items), entry => entry.Detail.Contains('@'));
        Assert.Null((await Audit.Verify(world.Db, owner.Tenant, Ct)).BrokenAt);
        Assert.Equal("permission.missing", (await ListAudit.Handle(member.Actor!, null, 3, world.Db, Ct)).Problem?.Code);
        Assert.Equal("cursor.invalid", (await ListAudit.Handle(owner, Cursor.Encode("-1"), 3, world.Db, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task Pages_name_members_and_keys_of_their_own_account_only()
    {
        var (owner, stranger) = (await world.Owner(), await world.Owner());
        var key = (await CreateApiKey.Handle(owner, new("Zapier", [Permissions.ContactsRead]), world.Db, world.Clock, Ct)).Value.Id.ToString();
        var ben = (await world.Member(owner, Role.Viewer)).Actor!;
        var names = (await NameActors.Handle(owner, world.Db, Ct)).Value;
        Assert.Equal(("Ben", "API key Zapier"), (names[ben.User.ToString()!], names[key]));
        Assert.DoesNotContain(stranger.User.ToString()!, names.Keys);
        Assert.DoesNotContain(key, (await NameActors.Handle(stranger, world.Db, Ct)).Value.Keys);
        Assert.Equal("permission.missing", (await NameActors.Handle(owner with { Permissions = [] }, world.Db, Ct)).Problem?.Code);
    }

    Task<Result<InviteMember.Output>> Invite(Actor actor, string email, Role role, WorkspaceId? workspace = null) =>
        InviteMember.Handle(actor, new(email, role, workspace), world.Web, world.Db, world.Clock, Ct);

    Task<Result<AcceptInvitation.Output>> Accept(string token, string? name = "Ben", string? password = AccountsWorld.Password) =>
        AcceptInvitation.Handle(new(token, name, password), world.Credentials, world.Db, world.Clock, Ct);

    Task<Result<Done>> Change(Actor actor, UserId user, Role role) => ChangeRole.Handle(actor, user, new(role), world.Db, world.Clock, Ct);

    Task<Result<RemoveMember.Output>> Remove(Actor actor, UserId user) => RemoveMember.Handle(actor, user, world.Db, world.Clock, Ct);
}
