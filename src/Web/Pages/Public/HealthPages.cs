using System.Data.Common;
using PenguinMails.Core.Db;

namespace PenguinMails.Web.Pages.Public;

/// <summary>For load balancers and watchers: live says the process answers, ready says it reaches its database.</summary>
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
    }
}
