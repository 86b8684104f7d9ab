using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Web.Pages.Oversight;

/// <summary>The questions leaders ask, each with its answer; and how far the data behind them can be trusted.</summary>
static class AnswerPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/answers", async (Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
            (await ListAnswers.Handle(actor, db, settings, clock, ct)).ToPage(page => Html.Page<AnswerList>(new { Rows = page.Items })));
        routes.MapGet("/data-trust", async (Actor actor, TenantDb db, OversightSettings settings, TimeProvider clock, CancellationToken ct) =>
        {
            var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            return (await ListKpis.Handle(actor, db, settings, clock, ct)).ToPage(page => Html.Page<DataTrustPage>(new { Lines = page.Items.Select(line => (line, DataTrust.Of(line.Kpi, line.Recent, today))).ToList() }));
        });
    }
}
