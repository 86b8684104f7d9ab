using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Web.Pages.Accounts;

/// <summary>The account's record of who did what.</summary>
static class ActivityPages
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/activity", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
        (await ListAudit.Handle(actor, http.Asked("after"), null, db, ct)).ToPage(page => Html.Page<ActivityPage>(new { Rows = page })));
}
