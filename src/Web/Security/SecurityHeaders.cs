namespace PenguinMails.Web.Security;

/// <summary>
/// Headers on every answer. Pages carry no inline script and no inline style, so the policy needs no nonce.
/// An endpoint may set a header itself before its body starts, and keeps it.
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>The policy of pages. <c>frame-src 'self'</c> is for the preview of an e-mail, which is served sandboxed.</summary>
    public const string ContentPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        + "frame-src 'self'; frame-ancestors 'none'; form-action 'self'";

    const string Permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()";
    // Without includeSubDomains: what else runs under the host's domain is not ours to decide.
    const string TwoYears = "max-age=63072000";

    /// <summary>Adds the headers when the answer starts.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state => { Set((HttpContext)state); return Task.CompletedTask; }, context);
        return next(context);
    }

    static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Remove("blazor-enhanced-nav"); // For the framework's script, which no page loads.
        headers.TryAdd("Content-Security-Policy", ContentPolicy);
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Referrer-Policy", "strict-origin-when-cross-origin");
        headers.TryAdd("Permissions-Policy", Permissions);
        headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
        if (context.Request.IsHttps) headers.TryAdd("Strict-Transport-Security", TwoYears);
        // A page shows a tenant's own records: neither shared caches nor the back button of the next person may have it.
        if (context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true
            && headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
    }
}
