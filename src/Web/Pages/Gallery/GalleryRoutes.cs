using PenguinMails.Web.Parts;
using PenguinMails.Web.Security;

namespace PenguinMails.Web.Pages.Gallery;

/// <summary>Every part in its variants, to look at. Mapped only where <c>PENGUIN__GALLERY=1</c>; shows invented rows alone.</summary>
public static class GalleryRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/gallery").RequireFormToken();
        pages.MapGet("", Show<PartsPage>);
        pages.MapGet("/overview", Show<OverviewSample>);
        pages.MapGet("/contacts", Show<ContactsSample>);
        pages.MapGet("/sign-in", Show<SignInSample>);
        pages.MapGet("/import", Show<MappingSample>);
        pages.MapGet("/fault", IResult () => throw new InvalidOperationException("The gallery shows what a failure looks like."));
        pages.MapGet("/forbidden", IResult (HttpContext context) =>
        {
            Samples.Shell.Set(context);
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        });
        pages.MapPost("/say", (HttpContext context) => Flash.To(context, "/gallery", "Acme GmbH was saved."));
        pages.MapGet("/progress", (CancellationToken ct) => TypedResults.ServerSentEvents(Count(ct)));
    }

    static IResult Show<T>(HttpContext context) where T : Microsoft.AspNetCore.Components.IComponent
    {
        Samples.Shell.Set(context);
        var query = context.Request.Query;
        return Html.Page<T>(new
        {
            Scheme = query["scheme"].ToString() is "light" or "dark" ? query["scheme"].ToString() : null,
            Dir = query["dir"] == "rtl" ? "rtl" : "ltr",
        });
    }

    static async IAsyncEnumerable<object> Count([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        const int total = 50_000;
        for (var done = 12_400; done < total; done += 350)
        {
            yield return new JobProgress(done, total, 1_850, "rows", "running", Tone.Running, false).ToEvent();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
        }
    }
}
