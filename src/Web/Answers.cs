using System.Globalization;
using Microsoft.Extensions.Primitives;
using PenguinMails.Core;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web;

/// <summary>Turns what slices answer into pages, and what browsers send into values.</summary>
public static class Answers
{
    public const int Refused = StatusCodes.Status422UnprocessableEntity;

    /// <summary>The page for a value, or the error page of the refusal. Without a workspace the way leads to the choice of one.</summary>
    public static IResult ToPage<T>(this Result<T> result, Func<T, IResult> show) => result.Match(show, ToPage);

    public static IResult ToPage(this Problem problem) => problem.Code == Actor.WorkspaceMissing.Code
        ? Results.LocalRedirect("/workspaces")
        : Results.StatusCode(problem.Kind.Status());

    /// <summary>Field names of forms are those of the API, so that every refusal finds its field.</summary>
    public static FormErrors ToErrors(this Problem problem)
    {
        var errors = new FormErrors();
        foreach (var field in problem.Fields) errors.Add(field.Field, field.Detail);
        return errors.IsEmpty ? errors.Add("", $"{problem.Detail} ({problem.Code})") : errors;
    }

    /// <summary>Answers a button: back to a page with what was done, or with why not.</summary>
    public static IResult ToFlash<T>(this Result<T> result, HttpContext context, string url, string done) => result.Match(
        _ => Flash.To(context, url, done),
        problem => problem.Kind is ProblemKind.Forbidden or ProblemKind.NotFound
            ? problem.ToPage()
            : Flash.To(context, url, $"{problem.Detail} ({problem.Code})", Tone.Bad));

    /// <summary>A value of the address; empty counts as absent. PostgreSQL stores no NUL, so it is taken out here.</summary>
    public static string? Asked(this HttpContext context, string name) => Clean(context.Request.Query[name]) is { Length: > 0 } text ? text : null;

    /// <summary>A posted field, "" where it is missing.</summary>
    public static string Text(this IFormCollection form, string name) => Clean(form[name]);

    public static string? Optional(this IFormCollection form, string name) => form.Text(name).Trim() is { Length: > 0 } text ? text : null;

    /// <summary>A whole number, or <paramref name="otherwise"/>: outside every range, so that the slice refuses it at its field.</summary>
    public static int Number(this IFormCollection form, string name, int otherwise = int.MinValue) =>
        int.TryParse(form.Text(name).Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    public static bool IsTicked(this IFormCollection form, string name) => form.Text(name).Length > 0;

    static string Clean(StringValues values) => values.ToString().Replace("\0", "", StringComparison.Ordinal);
}
