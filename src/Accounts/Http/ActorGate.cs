using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;

namespace PenguinMails.Accounts.Http;

/// <summary>API routes without an actor answer 401, or 403 where a person is needed; unless marked <c>AllowAnonymous()</c>.</summary>
sealed class ActorGate(RequestDelegate next)
{
    static readonly Problem SessionMissing =
        new(ProblemKind.Forbidden, "session.needed", "This is for a person who is logged in; an API key cannot do it.");

    static readonly Problem TenantMissing =
        new(ProblemKind.Forbidden, "tenant.none", "You belong to no account. Accept an invitation or open an account of your own.");

    public async Task InvokeAsync(HttpContext context, CurrentActor current)
    {
        if (context.Request.Path.StartsWithSegments("/api") && Refusal(context.GetEndpoint(), current) is { } refusal) await refusal.ToHttp().ExecuteAsync(context);
        else await next(context);
    }

    static Problem? Refusal(Endpoint? endpoint, CurrentActor current)
    {
        if (endpoint is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) return null;
        if (current.Refusal is not null) return current.Refusal;
        if (current.Actor is null && current.Person is null) return ActorResolver.Missing;
        if (endpoint.Metadata.GetMetadata<SessionNeeded>() is not null) return current.Person is null ? SessionMissing : null;
        return current.Actor is null ? TenantMissing : null;
    }
}
