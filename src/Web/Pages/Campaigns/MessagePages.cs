using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Inbound;
using PenguinMails.Delivery.Messages;
using PenguinMails.Delivery.Tracking;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>One message of the ledger and its story, and what came back for none.</summary>
static class MessagePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/messages").RequireFormToken();
        pages.MapGet("/{id}", async (MessageId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var found = await ListMessages.One(actor, id, db, ct);
            if (found.Problem is { } problem) return problem.ToPage();
            var why = await ExplainMessage.Handle(actor, id, db, clock, ct);
            if (why.Problem is { } unknown) return unknown.ToPage();
            var visits = (await ListVisits.Handle(actor, id, db, ct)).Match(page => page.Items, _ => []);
            return (await ListInbound.Handle(actor, id, db, ct)).ToPage(page => Html.Page<MessageOne>(new { Message = found.Value, Inbound = page.Items, Why = why.Value, Visits = visits }));
        });
        routes.MapGet("/inbox/unmatched", async (HttpContext http, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListUnmatched.Handle(actor, new(http.Asked("q"), http.Asked("after")), db, ct)).ToPage(page => Html.Page<UnmatchedList>(new { Rows = page })));
        pages.MapPost("/{id}/resolve", async (HttpContext http, MessageId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var form = await http.Request.ReadFormAsync(ct);
            var arrived = form.Text("arrived") == "yes";
            return (await ResolveInDoubt.Handle(actor, new(id, arrived), db, clock, ct))
                .ToFlash(http, $"/messages/{id}", arrived ? "Counted as sent." : "Counted as failed. It is not sent again.");
        });
    }
}
