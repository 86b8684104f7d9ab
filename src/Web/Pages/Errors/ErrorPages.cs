namespace PenguinMails.Web.Pages.Errors;

/// <summary>Pages for what goes wrong. They keep the frame when <see cref="Parts.Shell"/> was set for the request before the failure.</summary>
public static class ErrorPages
{
    /// <summary>Gives an answer that has a status and no body its page. The failure's log line carries the same reference.</summary>
    public static Task Show(HttpContext context)
    {
        var status = context.Response.StatusCode;
        return Html.Page<ErrorPage>(new { Status = status }, status).ExecuteAsync(context);
    }
}
