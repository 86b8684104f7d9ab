namespace PenguinMails.Web.Pages.Errors;

/// <summary>Pages for what goes wrong. They keep the frame when <see cref="Parts.Shell"/> was set for the request before the failure.</summary>
public static class ErrorPages
{
    /// <summary>Answers an unhandled failure with 500; the log line of the failure carries the same reference.</summary>
    public static Task Fault(HttpContext context) => Show(context, StatusCodes.Status500InternalServerError);

    /// <summary>Fills an answer that has a status and no body.</summary>
    public static Task Show(HttpContext context) => Show(context, context.Response.StatusCode);

    static Task Show(HttpContext context, int status) =>
        Html.Page<ErrorPage>(new { Status = status }, status).ExecuteAsync(context);
}
