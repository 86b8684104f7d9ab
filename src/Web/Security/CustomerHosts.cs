using System.Net;
using PenguinMails.Accounts;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.WebNames;
using PenguinMails.Web.Pages.Public;

namespace PenguinMails.Web.Security;

/// <summary>Shows recipients nothing of the product under a customer's own host: there only links, the way out, the pixel and what mail programs ask for are answered, all else with 404.</summary>
public sealed class CustomerHosts(RequestDelegate next, PublicWeb web)
{
    static readonly string[] Served = ["/c", "/u", "/o", "/.well-known", "/mail", "/autodiscover", "/assets"];

    public async Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        var isOwn = host.Equals(web.Root.Host, StringComparison.OrdinalIgnoreCase) || host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _);
        if (isOwn || Served.Any(path => context.Request.Path.StartsWithSegments(path)) || !await ReadTrackingWord.IsCustomers(host, context.RequestServices.GetRequiredService<TenantDb>(), context.RequestAborted))
            await next(context);
        else
            await Html.Page<UnknownLink>(status: StatusCodes.Status404NotFound).ExecuteAsync(context);
    }
}
