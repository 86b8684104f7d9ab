using Microsoft.AspNetCore.Authorization;
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
}

/// <summary>Reads key, token or cookie and says who acts. API routes without an actor answer 401 unless marked anonymous.</summary>
/// <remarks>A cookie on an unsafe request below /api counts only with the header <c>X-Penguin-Csrf: 1</c> from the same origin: other
/// sites cannot send it. Pages are guarded by the framework's antiforgery tokens instead.</remarks>
sealed class ActorMiddleware(RequestDelegate next)
{
    const string CsrfHeader = "X-Penguin-Csrf";

    static readonly Problem CrossSite =
        new(ProblemKind.Forbidden, "auth.cross_site", "A request with the session cookie needs the header X-Penguin-Csrf: 1 and must come from this site.");

    static readonly Problem SessionMissing =
        new(ProblemKind.Forbidden, "session.needed", "This is for a person who is logged in; an API key cannot do it.");

    static readonly Problem TenantMissing =
        new(ProblemKind.Forbidden, "tenant.none", "You belong to no account. Accept an invitation or open an account of your own.");

    public async Task InvokeAsync(HttpContext context, CurrentActor current, ActorResolver resolver)
    {
        var isApi = context.Request.Path.StartsWithSegments("/api");
        var endpoint = context.GetEndpoint();
        var isOpen = endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        var refusal = await Identify(context, current, resolver, isApi);
        if (isApi && endpoint is not null && !isOpen)
        {
            var needsSession = endpoint.Metadata.GetMetadata<SessionNeeded>() is not null;
            refusal ??= Gap(current, needsSession);
            if (refusal is not null)
            {
                await refusal.ToHttp().ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    }

    static Problem? Gap(CurrentActor current, bool needsSession)
    {
        if (current.Actor is null && current.Person is null) return ActorResolver.Missing;
        if (needsSession) return current.Person is null ? SessionMissing : null;
        return current.Actor is null ? TenantMissing : null;
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
