namespace PenguinMails.Core;

/// <summary>Every permission there is. Roles are sets of these; an API key carries some of them as scopes. Never renamed.</summary>
public static class Permissions
{
    public const string AccountManage = "account:manage";
    public const string MembersRead = "members:read";
    public const string MembersManage = "members:manage";
    public const string WorkspacesManage = "workspaces:manage";
    public const string ApiKeysManage = "api_keys:manage";
    public const string AuditRead = "audit:read";
    public const string BillingRead = "billing:read";
    public const string BillingManage = "billing:manage";
    public const string OverviewRead = "overview:read";

    /// <summary>Figures, plans, budget, registers and reports: they are of the whole account, so nobody confined to one workspace has it.</summary>
    public const string OversightRead = "oversight:read";

    public const string DomainsRead = "domains:read";
    public const string DomainsManage = "domains:manage";
    public const string MailboxesRead = "mailboxes:read";
    public const string MailboxesManage = "mailboxes:manage";
    public const string ServersRead = "servers:read";
    public const string ServersManage = "servers:manage";
    public const string ContactsRead = "contacts:read";
    public const string ContactsWrite = "contacts:write";
    public const string TemplatesRead = "templates:read";
    public const string TemplatesWrite = "templates:write";
    public const string CampaignsRead = "campaigns:read";
    public const string CampaignsWrite = "campaigns:write";
    public const string CampaignsLaunch = "campaigns:launch";
    public const string MessagesRead = "messages:read";
    public const string SuppressionsRead = "suppressions:read";
    public const string SuppressionsWrite = "suppressions:write";
    public const string SecretsRead = "secrets:read";
    public const string SecretsManage = "secrets:manage";
    public const string SecretsBreakGlass = "secrets:break_glass";

    public static readonly IReadOnlyList<string> All =
    [
        AccountManage, MembersRead, MembersManage, WorkspacesManage, ApiKeysManage, AuditRead, BillingRead, BillingManage, OverviewRead, OversightRead,
        DomainsRead, DomainsManage, MailboxesRead, MailboxesManage, ServersRead, ServersManage, ContactsRead, ContactsWrite, TemplatesRead, TemplatesWrite,
        CampaignsRead, CampaignsWrite, CampaignsLaunch, MessagesRead, SuppressionsRead, SuppressionsWrite, SecretsRead, SecretsManage, SecretsBreakGlass,
    ];
}
