using System.Collections.Frozen;
using PenguinMails.Accounts;
using PenguinMails.Core;

namespace PenguinMails.Modules.Tests.Accounts;

/// <summary>Every permission and role, written out once more by hand, so that a slip in the program's table shows.</summary>
public sealed class RoleTests
{
    const string Columns = "owner admin manager sender finance viewer";

    public static TheoryData<string, string> Matrix => new()
    {
        { Permissions.AccountManage, "x-----" },
        { Permissions.MembersRead, "xxxxxx" },
        { Permissions.MembersManage, "xx----" },
        { Permissions.WorkspacesManage, "xx----" },
        { Permissions.ApiKeysManage, "xx----" },
        { Permissions.AuditRead, "xx----" },
        { Permissions.BillingRead, "xx--x-" },
        { Permissions.BillingManage, "x---x-" },
        { Permissions.OverviewRead, "xxxxxx" },
        { Permissions.OversightRead, "xxxxxx" },
        { Permissions.DomainsRead, "xxxx--" },
        { Permissions.DomainsManage, "xxx---" },
        { Permissions.MailboxesRead, "xxxx--" },
        { Permissions.MailboxesManage, "xxx---" },
        { Permissions.ServersRead, "xxxx--" },
        { Permissions.ServersManage, "xxx---" },
        { Permissions.ContactsRead, "xxxx--" },
        { Permissions.ContactsWrite, "xxxx--" },
        { Permissions.TemplatesRead, "xxxx--" },
        { Permissions.TemplatesWrite, "xxxx--" },
        { Permissions.CampaignsRead, "xxxx--" },
        { Permissions.CampaignsWrite, "xxxx--" },
        { Permissions.CampaignsLaunch, "xxxx--" },
        { Permissions.MessagesRead, "xxxx--" },
        { Permissions.SuppressionsRead, "xxxx--" },
        { Permissions.SuppressionsWrite, "xxxx--" },
        { Permissions.SecretsRead, "xx----" },
        { Permissions.SecretsManage, "xx----" },
        { Permissions.SecretsBreakGlass, "xx----" },
    };

    [Theory]
    [MemberData(nameof(Matrix))]
    public void A_role_allows_what_the_table_says(string permission, string allowed)
    {
        var actual = Columns.Split(' ').Select(name => Roles.Permissions(Enum.Parse<Role>(name, ignoreCase: true)).Contains(permission) ? 'x' : '-');
        Assert.Equal(allowed, string.Concat(actual));
    }

    [Fact]
    public void Confined_to_a_workspace_a_role_allows_the_same_but_what_is_said_of_the_whole_account()
    {
        foreach (var role in Enum.GetValues<Role>().Where(Roles.MayBeConfined)) Assert.Equal(Roles.Permissions(role).Except([Permissions.OversightRead]).Order(), Roles.ConfinedPermissions(role).Order());
        string[] left = [Permissions.ApiKeysManage, Permissions.MembersRead, Permissions.OverviewRead];
        string[] narrow = ["domains", "mailboxes", "servers", "contacts", "templates", "campaigns", "messages", "suppressions"];
        Assert.Equal(Permissions.All.Where(one => left.Contains(one) || narrow.Contains(one.Split(':')[0])).Order(), Roles.ConfinedPermissions(Role.Owner).Order());
    }

    [Fact]
    public void The_table_names_every_permission() => Assert.Equal(Permissions.All.Order(), Matrix.Select(row => row.Data.Item1).Order());

    [Fact]
    public void Only_an_owner_may_give_every_role()
    {
        foreach (var giver in Enum.GetValues<Role>())
        {
            var actor = new Actor(ActorKind.Person, default, null, null, "", Roles.Permissions(giver).ToFrozenSet());
            Assert.Equal(giver == Role.Owner, Enum.GetValues<Role>().All(role => Roles.MayGive(actor, role)));
        }
    }
}
