using System.Security.Cryptography;
using System.Text;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Halts;
using PenguinMails.Delivery.Inbound;

namespace PenguinMails.Web.Pages.Public;

/// <summary>Who may read <c>/metrics</c>.</summary>
/// <param name="Token">From <c>PENGUIN__METRICS__TOKEN</c>; empty: there is no such page.</param>
public sealed record MetricsOptions(string Token)
{
    /// <summary>Keeps the token out of logs.</summary>
    public override string ToString() => Token.Length > 0 ? "metrics with a token" : "no metrics";
}

/// <summary>Figures of the whole platform for Prometheus, for whoever sends the operator's token as a bearer.</summary>
static class MetricsPages
{
    const string Scheme = "Bearer ";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/metrics", async (HttpContext http, MetricsOptions options, DataDisk disk, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        options.Token.Length == 0 ? Results.NotFound()
        : !IsKnown(http.Request.Headers.Authorization.ToString(), options.Token) ? Results.Text("Send the token of PENGUIN__METRICS__TOKEN as a bearer.\n", statusCode: StatusCodes.Status401Unauthorized)
        : Results.Text(await Metrics.Write(db, disk, http.RequestServices.GetService<EdgeCertificate>(), clock, ct), "text/plain; version=0.0.4")).AllowAnonymous();

    static bool IsKnown(string given, string token) => given.StartsWith(Scheme, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..])), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
