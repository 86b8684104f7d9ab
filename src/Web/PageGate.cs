using Microsoft.AspNetCore.Authorization;
using PenguinMails.Core.Db;
using PenguinMails.Web.Pages;

namespace PenguinMails.Web;

/// <summary>Lets people who are signed in to the pages and sends others to sign in. Pages without sign-in are marked <c>AllowAnonymous</c>.</summary>
/// <remarks>The API has its own answer to requests without a key.</remarks>
public sealed class PageGate(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/api"))
        {
            await next(context);
            return;
        }
        if (context.Person() is { } person) (await ShellOf.Person(person, context.RequestServices.GetRequiredService<TenantDb>(), context.RequestAborted)).Set(context);
        // What is no route of ours opens nothing: the router's own answer to a method that an address does not take (405).
        if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || context.Actor() is not null)
        {
            await next(context);
            return;
        }
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            context.Response.Redirect(context.Person() is null ? "/log-in?back=" + Uri.EscapeDataString(context.Request.With()) : "/welcome");
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }
}
