using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;

namespace PenguinMails.Accounts.Http;

/// <summary>A token bucket for each key or person, and for each address block of strangers; below /api only.</summary>
/// <remarks>Tells what is left in <c>RateLimit</c> and <c>RateLimit-Policy</c> (IETF draft ratelimit-headers-10). Counts in this process alone.</remarks>
sealed class RateLimitMiddleware : IDisposable
{
    const string PolicyName = "default";

    readonly RequestDelegate _next;
    readonly PartitionedRateLimiter<string> _limiter;
    readonly string _policy;
    readonly int _perSecond;

    public RateLimitMiddleware(RequestDelegate next, AccountsOptions options)
    {
        (_next, _perSecond) = (next, options.RatePerSecond);
        var window = (options.RateBurst + options.RatePerSecond - 1) / options.RatePerSecond;
        _policy = string.Create(CultureInfo.InvariantCulture, $"\"{PolicyName}\";q={options.RateBurst};w={window}");
        var step = Math.Max(1, options.RatePerSecond / 10); // Ten steps a second, fewer for slow rates.
        _limiter = PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.RateBurst,
            TokensPerPeriod = step,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)step / options.RatePerSecond),
            QueueLimit = 0,
        }));
    }

    public async Task InvokeAsync(HttpContext context, CurrentActor current)
    {
        if (!context.Request.Path.StartsWithSegments("/api"))
        {
            await _next(context);
            return;
        }

        var who = current.Actor is { } actor ? $"{actor.Tenant}/{actor.Label}" : current.Person?.User.ToString() ?? Origin.Of(context).Block;
        using var lease = _limiter.AttemptAcquire(who);
        var left = _limiter.GetStatistics(who)?.CurrentAvailablePermits ?? 0;
        context.Response.Headers["RateLimit-Policy"] = _policy;
        context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{PolicyName}\";r={left};t=1");
        if (lease.IsAcquired)
        {
            await _next(context);
            return;
        }

        var refusal = new Problem(ProblemKind.TooMany, "rate.too_many", $"More than {_perSecond} requests per second. Slow down.") { RetryAfterSeconds = 1 };
        await refusal.ToHttp().ExecuteAsync(context);
    }

    public void Dispose() => _limiter.Dispose();
}
