using PenguinMails.Accounts.Http;
using PenguinMails.Core;
using PenguinMails.Oversight;
using PenguinMails.Web.Api;
using PenguinMails.Web.Pages;
using PenguinMails.Web.Pages.Gallery;
using PenguinMails.Web.Security;

namespace PenguinMails.Web;

/// <summary>The role <c>web</c>: pages, REST under <c>/api/v1</c>, public links and health. The host registers the modules' services and the database.</summary>
public static class WebRole
{
    public static void AddWeb(this WebApplicationBuilder builder)
    {
        builder.Services.AddFrame();
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(o => Json.Configure(o.SerializerOptions));
        // Unreadable requests end in one place each: a page for people, problem+json for programs.
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        ApiDocument.Add(builder.Services);
        OversightModule.AddApiTimes(builder.Services);
    }

    /// <param name="modules">Every module of the program; their routes are mapped below <c>/api/v1</c>.</param>
    public static void UseWeb(this WebApplication app, IReadOnlyList<Module> modules)
    {
        app.UseTrustedProxies();
        app.UseFrame();
        app.UseMiddleware<CustomerHosts>();
        app.UseWhen(context => context.Request.Path.StartsWithSegments(ApiProblems.Root), api =>
        {
            api.UseMiddleware<ApiStopwatch>();
            ApiProblems.Use(api);
        });
        app.UseRouting();
        app.UseActors();
        app.UseRateLimits();
        app.UseIdempotency();
        app.UseMiddleware<PageGate>();
        app.UseAntiforgery();

        app.MapFrame();
        app.MapPages();
        if (app.Configuration["Gallery"] == "1") GalleryRoutes.Map(app);
        var api = app.MapGroup(ApiProblems.Root).DisableAntiforgery();
        foreach (var module in modules) module.Routes(api);
        app.MapOpenApi(ApiProblems.Root + "/openapi.json").AllowAnonymous();
    }
}
