using System.Data.Common;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Inbound;

namespace PenguinMails.Web.Pages.Public;

/// <summary>For load balancers and watchers: live says the process answers, ready says it reaches its database, edge says how mail comes in.</summary>
static class HealthPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/healthz").AllowAnonymous();
        health.MapGet("/live", () => Results.Text("live\n"));
        health.MapGet("/ready", async (TenantDb db, CancellationToken ct) =>
        {
            try
            {
                await using var tx = await db.BeginUnscoped(ct);
                return Results.Text("ready\n");
            }
            catch (DbException)
            {
                return Results.Text("the database does not answer\n", statusCode: StatusCodes.Status503ServiceUnavailable);
            }
        });
        // 404 where the process has no edge.
        health.MapGet("/edge", (HttpContext http) => http.RequestServices.GetService<EdgeCertificate>() is not { } edge
            ? Results.NotFound()
            : Results.Text(edge.Sentence + "\n", statusCode: edge.IsOver ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK));
    }
}
