using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Web;

/// <summary>Answers a request with a component rendered on the server: a whole page or a part of one.</summary>
public static class Html
{
    /// <param name="parameters">An anonymous object whose properties are the component's parameters, or null.</param>
    /// <param name="status">200; 422 for a form that comes back with errors, so that htmx swaps it and tests can tell.</param>
    public static RazorComponentResult<T> Page<T>(object? parameters = null, int status = StatusCodes.Status200OK) where T : IComponent =>
        new(parameters ?? new { }) { StatusCode = status, PreventStreamingRendering = true };
}
