using Microsoft.AspNetCore.Builder;

namespace PenguinMails.Accounts.Http;

/// <summary>The middleware of this module, in the order to call: after routing and forwarded headers, before the endpoints.</summary>
public static class AccountsHttp
{
    /// <summary>First: says who acts, and refuses API requests of nobody.</summary>
    public static IApplicationBuilder UseActors(this IApplicationBuilder app) => app.UseMiddleware<ActorMiddleware>();

    /// <summary>Second: needs to know who acts.</summary>
    public static IApplicationBuilder UseRateLimits(this IApplicationBuilder app) => app.UseMiddleware<RateLimitMiddleware>();

    /// <summary>Third: a request that was limited must not use up its key.</summary>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<IdempotencyMiddleware>();
}
