using System.Text;
using System.Threading.RateLimiting;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.WebNames;

namespace PenguinMails.Web.Pages.Public;

/// <summary>What is served under hosts below customers' domains: the policy of MTA-STS, settings for mail programs, and the question a TLS proxy asks before it gets a certificate for one.
/// No sign-in; the host of the request says whose domain it is.</summary>
static class WebNamePages
{
    const int AsksBurst = 100;
    const int AsksPerSecond = 20;
    static readonly string[] Look = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").AllowAnonymous().DisableAntiforgery();
        pages.MapMethods("/.well-known/mta-sts.txt", Look, async (HttpContext http, TenantDb db, CancellationToken ct) =>
            Text(await ReadMtaSts.Handle(http.Request.Host.Host, db, ct), policy => policy, "text/plain"));
        pages.MapMethods("/.well-known/penguin-tracking", Look, async (HttpContext http, TenantDb db, MasterKey master, CancellationToken ct) =>
        {
            var word = await ReadTrackingWord.Handle(http.Request.Host.Host, db, master, ct);
            return word.Match(text => Results.Text(text, "text/plain", Encoding.ASCII), _ => Results.Text("no\n", "text/plain", statusCode: StatusCodes.Status404NotFound));
        });
        foreach (var path in new[] { "/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml" })
            pages.MapMethods(path, Look, async (HttpContext http, TenantDb db, CancellationToken ct) => Text(await ReadMailSettings.Handle(http.Request.Host.Host, db, ct), Autoconfig.Of, "text/xml"));
        pages.MapPost("/autodiscover/autodiscover.xml", Discover);

        var asks = Limiter(routes.ServiceProvider);
        pages.MapMethods("/tls/ask", Look, async (HttpContext http, string? domain, TenantDb db, CancellationToken ct) =>
        {
            using var lease = asks.AttemptAcquire(Origin.Of(http).Ip);
            if (!lease.IsAcquired) return Results.Text("slow down\n", statusCode: StatusCodes.Status429TooManyRequests);
            return Text(await AskWebName.Handle(domain ?? "", db, ct), _ => "yes\n", "text/plain");
        });
    }

    static async Task<IResult> Discover(HttpContext http, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var settings = await ReadMailSettings.Handle(http.Request.Host.Host, db, ct);
        var address = settings.IsOk ? await Autodiscover.Address(http.Request.Body, ct) : null;
        return Text(settings, found => Autodiscover.Of(found, address, clock), "text/xml");
    }

    static IResult Text<T>(Result<T> result, Func<T, string> text, string type) => result.Match(
        value => Results.Text(text(value), type, Encoding.UTF8), _ => Results.Text("no\n", "text/plain", statusCode: StatusCodes.Status404NotFound));

    /// <summary>For each address that asks. A name that is unknown costs one look into an index, so this only keeps a flood from the database.</summary>
    static PartitionedRateLimiter<string> Limiter(IServiceProvider services)
    {
        var limiter = PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = AsksBurst, TokensPerPeriod = AsksPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
        }));
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(limiter.Dispose);
        return limiter;
    }
}
