using Microsoft.AspNetCore.Http;

namespace PenguinMails.Core;

/// <summary>A mark of routes whose answer holds a secret: it must not be kept for a replay.</summary>
public sealed record SecretAnswer;

/// <summary>Turns results into HTTP answers; problems become RFC 9457 <c>application/problem+json</c>.</summary>
public static class Http
{
    public static IResult ToHttp<T>(this Result<T> result, Func<T, IResult> ok) => result.Match(ok, ToHttp);

    public static IResult ToHttp<T>(this Result<T> result) => result.ToHttp(value =>
        value is Done ? TypedResults.NoContent() : TypedResults.Ok(value));

    public static IResult ToHttp(this Problem problem) => new ProblemResult(problem);

    public static int Status(this ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status400BadRequest,
        ProblemKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.Gone => StatusCodes.Status410Gone,
        ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ProblemKind.TooMany => StatusCodes.Status429TooManyRequests,
        ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
    };

    static string Title(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => "The request is not valid",
        ProblemKind.Unauthenticated => "Not signed in",
        ProblemKind.Forbidden => "Not allowed",
        ProblemKind.NotFound => "Not found",
        ProblemKind.Conflict => "Conflict",
        ProblemKind.Gone => "No longer there",
        ProblemKind.TooLarge => "Too large",
        ProblemKind.TooMany => "Too many requests",
        ProblemKind.Unavailable => "Not available right now",
    };

    sealed class ProblemResult(Problem problem) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var status = problem.Kind.Status();
            httpContext.Response.StatusCode = status;
            if (problem.RetryAfterSeconds is { } seconds) httpContext.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var body = new Body($"urn:penguinmails:problem:{problem.Code}", Title(problem.Kind), status, problem.Detail, problem.Code,
                httpContext.TraceIdentifier, problem.Fields.Count == 0 ? null : problem.Fields);
            await httpContext.Response.WriteAsJsonAsync(body, Json.Web, "application/problem+json", httpContext.RequestAborted).ConfigureAwait(false);
        }
    }

    sealed record Body(string Type, string Title, int Status, string Detail, string Code, string RequestId, IReadOnlyList<FieldProblem>? Errors);
}
