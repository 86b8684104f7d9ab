using Microsoft.AspNetCore.Builder;

namespace PenguinMails.Accounts.Http;

/// <summary>The middleware of this module: call all three, in this order, after routing and forwarded headers.</summary>
public static class AccountsHttp
{
    /// <summary>First: says who acts.</summary>
    public static IApplicationBuilder UseActors(this IApplicationBuilder app) => app.UseMiddleware<ActorMiddleware>();

    /// <summary>Second: limits rates, those of strangers with false keys too, then refuses API requests of nobody.</summary>
    public static IApplicationBuilder UseRateLimits(this IApplicationBuilder app) => app.UseMiddleware<RateLimitMiddleware>().UseMiddleware<ActorGate>();

    /// <summary>Third: a request that was limited or refused does not use up its Idempotency-Key.</summary>
    public static IApplicationBuilder UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<IdempotencyMiddleware>();
}
