using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Reports;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>What receivers report about a domain: its mail by source, and connections to it.</summary>
static class ReportPages
{
    const int ReportsShown = 20;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/domains/{id}/dmarc", async (HttpContext http, DomainId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var seen = await ReadDmarc.Handle(actor, id, Days(http), db, clock, ct);
            if (seen.Problem is { } refused) return refused.ToPage();
            return (await ListReports.Handle(actor, id, "dmarc", null, ReportsShown, db, ct)).ToPage(reports => Html.Page<DmarcPage>(new { Seen = seen.Value, Reports = reports.Items }));
        });
        routes.MapGet("/domains/{id}/tls", async (HttpContext http, DomainId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var seen = await ReadTls.Handle(actor, id, Days(http), db, clock, ct);
            if (seen.Problem is { } refused) return refused.ToPage();
            return (await ListReports.Handle(actor, id, "tls", null, ReportsShown, db, ct)).ToPage(reports => Html.Page<TlsPage>(new { Seen = seen.Value, Reports = reports.Items }));
        });
    }

    static int? Days(HttpContext http) => int.TryParse(http.Asked("days"), out var days) ? days : null;
}
