using PenguinMails.Core.Db;
using PenguinMails.Delivery;
using PenguinMails.Delivery.Links;
using PenguinMails.Delivery.Tracking;

namespace PenguinMails.Web.Pages.Public;

/// <summary>What recipients reach from a message: the way out, and tracked links. No sign-in; the token in the address is the permission.</summary>
static class PublicPages
{
    static readonly string[] Look = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").AllowAnonymous().DisableAntiforgery();
        pages.MapMethods("/u/{token}", Look, async (string token, TenantDb db, CancellationToken ct) =>
            (await Unsubscribe.Look(token, db, ct)).Match(
                offer => (IResult)Html.Page<UnsubscribePage>(new { Token = token, Offer = offer }),
                _ => Html.Page<UnknownLink>(status: StatusCodes.Status404NotFound)));
        pages.MapPost("/u/{token}", Leave);
        pages.MapMethods("/c/{token}/{number:int}", Look, async (HttpContext http, string token, int number, TenantDb db, DeliveryOptions options, TimeProvider clock, CancellationToken ct) =>
            (await FollowLink.Handle(token, number, HttpMethods.IsHead(http.Request.Method), http.Request.Headers.UserAgent.ToString(), db, options, clock, ct)).Match(
                target => Away(http, target),
                _ => Html.Page<UnknownLink>(status: StatusCodes.Status404NotFound)));
        pages.MapMethods("/o/{token}.gif", Look, Pixel);
    }

    // Fetched again each time, so that a cache does not hide one visit behind another.
    static async Task<IResult> Pixel(HttpContext http, string token, TenantDb db, DeliveryOptions options, TimeProvider clock, CancellationToken ct)
    {
        await SeePixel.Handle(token, HttpMethods.IsHead(http.Request.Method), http.Request.Headers.UserAgent.ToString(), db, options, clock, ct);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Bytes(SeePixel.Picture, "image/gif");
    }

    // RFC 8058 3.1: the receiver's server posts List-Unsubscribe=One-Click, without cookies and without looking at the page.
    static async Task<IResult> Leave(HttpContext http, string token, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var isOneClick = http.Request.HasFormContentType
            && (await http.Request.ReadFormAsync(ct))["List-Unsubscribe"].ToString().Equals("One-Click", StringComparison.OrdinalIgnoreCase);
        return (await Unsubscribe.Handle(token, isOneClick ? "one_click" : "page", db, clock, ct)).Match(
            offer => (IResult)Html.Page<UnsubscribePage>(new { Token = token, Offer = offer }),
            _ => Html.Page<UnknownLink>(status: StatusCodes.Status404NotFound));
    }

    // The target was written by the sender and stored at launch; it is not taken from the request.
    static IResult Away(HttpContext http, Uri target)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Results.Redirect(target.AbsoluteUri);
    }
}
