using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.WebEncoders;
using PenguinMails.Web.Pages.Errors;
using PenguinMails.Web.Security;

namespace PenguinMails.Web;

/// <summary>Puts the frame around the pages: headers, error pages, assets and the choice of colour scheme.</summary>
public static class Frame
{
    /// <summary>Registers what every page needs. Data protection keys are the host's to store: flash notices and form tokens use them.</summary>
    public static IServiceCollection AddFrame(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Assets>();
        services.AddScoped<Pages.Names>();
        services.AddRazorComponents();
        // Names in any script are sent as themselves, not as numbers; what HTML needs escaped stays escaped.
        services.Configure<WebEncoderOptions>(o => o.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = "pm_form";
            o.Cookie.HttpOnly = true;
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            o.FormFieldName = "form_token";
            // The page headers refuse framing for every answer, also those without a form.
            o.SuppressXFrameOptionsHeader = true;
        });
        return services;
    }

    /// <summary>Comes first in the pipeline. Paths under <c>/api</c> get the headers but no HTML error pages.</summary>
    public static IApplicationBuilder UseFrame(this IApplicationBuilder app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseWhen(IsPage, pages =>
        {
            pages.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = ErrorPages.Show, StatusCodeSelector = StatusOf, SuppressDiagnosticsCallback = IsTheirs });
            pages.UseStatusCodePages(status => ErrorPages.Show(status.HttpContext));
        });
        return app;
    }

    /// <summary>Maps <c>/assets/*</c> and <c>POST /frame/scheme</c>.</summary>
    public static void MapFrame(this IEndpointRouteBuilder outer)
    {
        var routes = outer.MapGroup("").AllowAnonymous(); // The pages of strangers need them too.
        routes.MapGet("/assets/{**path}", (string path, HttpContext context, Assets assets) => assets.Send(path, context));
        SchemeChoice.Map(routes);
    }

    // What the server could not read is the sender's to change: 400, 408 or 413, and no fault of ours.
    static int StatusOf(Exception failure) =>
        failure is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;

    internal static bool IsTheirs(ExceptionHandlerSuppressDiagnosticsContext failure) => failure.Exception is BadHttpRequestException;

    static bool IsPage(HttpContext context) => !context.Request.Path.StartsWithSegments("/api");
}
