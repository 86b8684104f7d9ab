using PenguinMails.Web.Pages.Accounts;
using PenguinMails.Web.Pages.Campaigns;
using PenguinMails.Web.Pages.Compliance;
using PenguinMails.Web.Pages.Fleet;
using PenguinMails.Web.Pages.Oversight;
using PenguinMails.Web.Pages.Public;
using PenguinMails.Web.Pages.Secrets;
using PenguinMails.Web.Pages.Sending;

namespace PenguinMails.Web.Pages;

/// <summary>The table of contents of the pages.</summary>
public static class ProductPages
{
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        EntryPages.Map(routes);
        LinkPages.Map(routes);
        OversightPages.Map(routes);
        DomainPages.Map(routes);
        DnsPages.Map(routes);
        ReportPages.Map(routes);
        ProvisioningPages.Map(routes);
        ServerMigrationPages.Map(routes);
        AddressPages.Map(routes);
        CollectionPages.Map(routes);
        MailboxImportPages.Map(routes);
        SignaturePages.Map(routes);
        OauthPages.Map(routes);
        MailboxPages.Map(routes);
        ServerPages.Map(routes);
        ContactPages.Map(routes);
        ImportPages.Map(routes);
        TemplatePages.Map(routes);
        CampaignPages.Map(routes);
        MessagePages.Map(routes);
        SendingPages.Map(routes);
        PoolPages.Map(routes);
        SuppressionPages.Map(routes);
        ConsentPages.Map(routes);
        BreakGlassPages.Map(routes);
        SecretPages.Map(routes);
        WorkspacePages.Map(routes);
        TeamPages.Map(routes);
        KeyPages.Map(routes);
        ActivityPages.Map(routes);
        AccountPages.Map(routes);
        PublicPages.Map(routes);
        WebNamePages.Map(routes);
        HealthPages.Map(routes);
        MetricsPages.Map(routes);
    }
}
