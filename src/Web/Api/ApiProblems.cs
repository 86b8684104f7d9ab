using Microsoft.AspNetCore.Diagnostics;
using PenguinMails.Core;

namespace PenguinMails.Web.Api;

/// <summary>Gives every refusal of the API that has no body yet its problem+json: unreadable requests, unknown routes, failures.</summary>
static class ApiProblems
{
    public const string Root = "/api/v1";

    public static void Use(IApplicationBuilder api)
    {
        api.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Failed,
            SuppressDiagnosticsCallback = Frame.IsTheirs,
            StatusCodeSelector = failure => failure is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        });
        api.UseStatusCodePages(status => Of(status.HttpContext.Response.StatusCode, null).ExecuteAsync(status.HttpContext));
    }

    static Task Failed(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error as BadHttpRequestException;
        return Of(failure?.StatusCode ?? StatusCodes.Status500InternalServerError, failure).ExecuteAsync(context);
    }

    static IResult Of(int status, BadHttpRequestException? failure) => status switch
    {
        400 => Answer(status, "request.invalid", failure?.InnerException is System.Text.Json.JsonException json
            ? $"The body does not fit: {Place(json)}"
            : "A parameter or the body is missing or of the wrong type. See /api/v1/openapi.json."),
        401 => new Problem(ProblemKind.Unauthenticated, "auth.missing", "Send an API key in the header Authorization: Bearer pm_live_…").ToHttp(),
        403 => new Problem(ProblemKind.Forbidden, "permission.missing", "This key or session may not do that.").ToHttp(),
        404 => new Problem(ProblemKind.NotFound, "route.not_found", "There is no such route. See /api/v1/openapi.json.").ToHttp(),
        405 => Answer(status, "route.method", "This route takes another method. See /api/v1/openapi.json."),
        413 => new Problem(ProblemKind.TooLarge, "request.too_large", "The body is larger than this route takes.").ToHttp(),
        415 => Answer(status, "request.media_type", "Send the body as application/json."),
        >= 500 => Answer(status, "server.failed", "Something failed on our side. Nothing was changed halfway; try again, and give the request id to your administrator if it fails again."),
        _ => Answer(status, "request.refused", "The request was refused."),
    };

    // The path of the member, never the value: values may be secrets.
    static string Place(System.Text.Json.JsonException json) =>
        json.Path is { Length: > 1 } path ? $"{path} is missing or of the wrong type." : "it is not JSON, or a required member is missing.";

    static IResult Answer(int status, string code, string detail) => Results.Json(
        new { type = $"urn:penguinmails:problem:{code}", title = "The request was refused", status, detail, code }, Json.Web, "application/problem+json", status);
}
