using Microsoft.AspNetCore.Http;
using PenguinMails.Accounts.Keys;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;

namespace PenguinMails.Accounts.Http;

/// <summary>Who acts in the current request; filled by <see cref="ActorMiddleware"/>. Pages read it, API routes take <see cref="Actor"/> or <see cref="SignedIn"/>.</summary>
public sealed class CurrentActor
{
    /// <summary>Null for a stranger, and for a person who belongs to no tenant.</summary>
    public Actor? Actor { get; internal set; }

    /// <summary>Null for a stranger and for an API key.</summary>
    public SignedIn? Person { get; internal set; }

    /// <summary>Why what was presented does not identify anybody; null when it does, or when nothing was presented.</summary>
    internal Problem? Refusal { get; set; }
}

/// <summary>Reads key, token or cookie and says who acts. Refuses nobody: <see cref="ActorGate"/> does, after the rate limit.</summary>
/// <remarks>A cookie on an unsafe request below /api counts only with the header <c>X-Penguin-Csrf: 1</c> from the same origin: other
/// sites cannot send it. Pages are guarded by the framework's antiforgery tokens instead.</remarks>
sealed class ActorMiddleware(RequestDelegate next)
{
    const string CsrfHeader = "X-Penguin-Csrf";

    static readonly Problem CrossSite =
        new(ProblemKind.Forbidden, "auth.cross_site", "A request with the session cookie needs the header X-Penguin-Csrf: 1 and must come from this site.");

    public async Task InvokeAsync(HttpContext context, CurrentActor current, ActorResolver resolver)
    {
        current.Refusal = await Identify(context, current, resolver, context.Request.Path.StartsWithSegments("/api"));
        await next(context);
    }

    // Null when somebody was identified, or when nobody claims to be anybody.
    static async Task<Problem?> Identify(HttpContext context, CurrentActor current, ActorResolver resolver, bool isApi)
    {
        var ct = context.RequestAborted;
        var header = context.Request.Headers.Authorization.ToString();
        var workspace = context.Request.Headers["X-Workspace"].ToString();
        if (header.Length == 0)
        {
            if (SessionCookie.Read(context) is not { } cookie) return null;
            if (isApi && IsUnsafe(context.Request) && !IsSameSite(context.Request)) return CrossSite;
            return Take(current, await resolver.FromSession(cookie, workspace, ct));
        }

        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return ActorResolver.Invalid;
        var token = header["Bearer ".Length..].Trim();
        if (!token.StartsWith(ApiKeyText.Prefix, StringComparison.Ordinal)) return Take(current, await resolver.FromSession(token, workspace, ct));
        var key = await resolver.FromApiKey(token, workspace, ct);
        if (key.IsOk) current.Actor = key.Value;
        return key.Problem;
    }

    static Problem? Take(CurrentActor current, Result<SignedIn> person)
    {
        if (person.Problem is { } problem) return problem;
        (current.Person, current.Actor) = (person.Value, person.Value.Actor);
        return null;
    }

    static bool IsUnsafe(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method));

    static bool IsSameSite(HttpRequest request)
    {
        if (request.Headers[CsrfHeader] != "1") return false;
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none")) return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
