using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Collect;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Fleet;

/// <summary>How answers and bounces are fetched from connected mailboxes: state, reading now, stopping.</summary>
static class CollectionPages
{
    const string Path = "/mailboxes/incoming";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Path).RequireFormToken();
        pages.MapGet("", async (HttpContext http, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var tally = await ListCollections.Count(actor, db, ct);
            if (tally.Problem is { } refused) return refused.ToPage();
            var found = await ListCollections.Handle(actor, http.Asked("after"), null, db, clock, ct);
            return found.ToPage(page => Html.Page<CollectionList>(new { Rows = page, Tally = tally.Value }));
        });
        pages.MapPost("/{id}/read", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await ListCollections.Now(actor, id, db, clock, ct)).Match(
                asked => Flash.To(http, Path, asked.IsConnected ? "It is connected and hears of new mail by itself." : "Its turn is now. Read this page again in a moment."), problem => problem.ToPage()));
        pages.MapPost("/{id}/stop", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await PauseCollection.Handle(actor, id, true, db, clock, ct)).ToFlash(http, Path, "Stopped within a minute. What comes meanwhile is taken up afterwards."));
        pages.MapPost("/{id}/go-on", async (HttpContext http, MailboxId id, Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct) =>
            (await PauseCollection.Handle(actor, id, false, db, clock, ct)).ToFlash(http, Path, "It is looked into at once, from where it was stopped."));
    }
}
