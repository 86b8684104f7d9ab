namespace PenguinMails.Web;

/// <summary>Light, dark or as the system says. Kept in a cookie, so the first byte of a page already has the right colours.</summary>
public static class SchemeChoice
{
    const string Cookie = "pm_scheme";

    /// <summary>"light", "dark", or null where the system decides.</summary>
    public static string? Of(HttpContext context) => context.Request.Cookies[Cookie] is "light" or "dark"
        ? context.Request.Cookies[Cookie]
        : null;

    // No form token: the worst a foreign page could do is to change colours.
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/frame/scheme", async (HttpContext context, CancellationToken ct) =>
    {
        if (!context.Request.HasFormContentType) return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(ct);
        var options = new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, IsEssential = true,
        };
        if (form["scheme"].ToString() is "light" or "dark") context.Response.Cookies.Append(Cookie, form["scheme"].ToString(), options);
        else context.Response.Cookies.Delete(Cookie);
        var back = form["back"].ToString();
        return Results.LocalRedirect(PageUrl.IsLocal(back) ? back : "/");
    });
}
