using PenguinMails.Web.Pages.Campaigns;
using PenguinMails.Web.Pages.Compliance;
using PenguinMails.Web.Pages.Fleet;
using PenguinMails.Web.Pages.Gallery;
using PenguinMails.Web.Pages.Oversight;
using PenguinMails.Web.Pages.Public;

namespace PenguinMails.Web.Pages;

/// <summary>The table of contents of the pages.</summary>
public static class ProductPages
{
    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        BriefPages.Map(routes);
        DomainPages.Map(routes);
        MailboxPages.Map(routes);
        ContactPages.Map(routes);
        ImportPages.Map(routes);
        TemplatePages.Map(routes);
        CampaignPages.Map(routes);
        MessagePages.Map(routes);
        SuppressionPages.Map(routes);
        PublicPages.Map(routes);
        HealthPages.Map(routes);
        if (routes.ServiceProvider.GetRequiredService<IConfiguration>()["PENGUIN:GALLERY"] == "1") GalleryRoutes.Map(routes);
    }
}
