using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Campaigns;

/// <summary>One message of the ledger and its story.</summary>
static class MessagePages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/messages").RequireFormToken();
        pages.MapGet("/{id}", async (MessageId id, Actor actor, TenantDb db, CancellationToken ct) =>
            (await ListMessages.One(actor, id, db, ct)).ToPage(message => Html.Page<MessageOne>(new { Message = message })));
        pages.MapPost("/{id}/resolve", async (HttpContext http, MessageId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var form = await http.Request.ReadFormAsync(ct);
            var arrived = form.Text("arrived") == "yes";
            return (await ResolveInDoubt.Handle(actor, new(id, arrived), db, clock, ct))
                .ToFlash(http, $"/messages/{id}", arrived ? "Counted as sent." : "Counted as failed. It is not sent again.");
        });
    }
}
