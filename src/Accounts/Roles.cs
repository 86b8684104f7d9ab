using System.Collections.Frozen;
using PenguinMails.Core;
using static PenguinMails.Core.Permissions;

namespace PenguinMails.Accounts;

/// <summary>What a member is in a tenant; a set of permissions in <see cref="Roles"/>.</summary>
public enum Role { Owner, Admin, Manager, Sender, Finance, Viewer }

/// <summary>The one table of what each role may do.</summary>
public static class Roles
{
    static readonly string[] Reading =
    [
        OverviewRead, OversightRead, DomainsRead, MailboxesRead, ServersRead, ContactsRead, TemplatesRead, CampaignsRead, MessagesRead, SuppressionsRead,
    ];

    static readonly string[] Writing = [ContactsWrite, TemplatesWrite, CampaignsWrite, CampaignsLaunch, SuppressionsWrite];

    static readonly FrozenSet<string> OfAccount = new[]
    {
        AccountManage, MembersManage, WorkspacesManage, AuditRead, BillingRead, BillingManage, OversightRead, SecretsRead, SecretsManage, SecretsBreakGlass,
    }.ToFrozenSet();

    static readonly FrozenDictionary<Role, FrozenSet<string>> Table = new Dictionary<Role, FrozenSet<string>>
    {
        [Role.Owner] = All.ToFrozenSet(),
        [Role.Admin] = All.Except([AccountManage, BillingManage]).ToFrozenSet(),
        [Role.Manager] = Reading.Concat(Writing).Concat([MembersRead, DomainsManage, MailboxesManage, ServersManage]).ToFrozenSet(),
        [Role.Sender] = Reading.Concat(Writing).Concat([MembersRead]).ToFrozenSet(),
        [Role.Finance] = new[] { OverviewRead, OversightRead, MembersRead, BillingRead, BillingManage }.ToFrozenSet(),
        [Role.Viewer] = new[] { OverviewRead, OversightRead, MembersRead }.ToFrozenSet(), // Oversight: what is said of the work, not the addresses and messages it is made of.
    }.ToFrozenDictionary();

    public static FrozenSet<string> Permissions(Role role) => Table[role];

    /// <summary>What the role allows in one workspace only: not what is said of the whole account, where other clients' work and the account's money stand.</summary>
    public static FrozenSet<string> ConfinedPermissions(Role role) => [.. Table[role].Where(permission => !IsOfAccount(permission))];

    /// <summary>True for a permission over what belongs to no workspace: nobody confined to one has it.</summary>
    public static bool IsOfAccount(string permission) => OfAccount.Contains(permission);

    /// <summary>True when nobody gains by giving this role: everything it allows, the actor may do already.</summary>
    public static bool MayGive(Actor actor, Role role) => !Table[role].Any(actor.Lacks);

    /// <summary>Owner, admin and finance concern the whole account and cannot be confined to one workspace.</summary>
    public static bool MayBeConfined(Role role) => role is Role.Manager or Role.Sender or Role.Viewer;

    internal static string Word(Role role) => role switch
    {
        Role.Owner => "owner",
        Role.Admin => "admin",
        Role.Manager => "manager",
        Role.Sender => "sender",
        Role.Finance => "finance",
        Role.Viewer => "viewer",
    };

    internal static Role Parse(string word) => word switch
    {
        "owner" => Role.Owner,
        "admin" => Role.Admin,
        "manager" => Role.Manager,
        "sender" => Role.Sender,
        "finance" => Role.Finance,
        "viewer" => Role.Viewer,
        _ => throw new InvalidOperationException($"Unknown role {word}."),
    };
}
