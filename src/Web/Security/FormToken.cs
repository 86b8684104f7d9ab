using Microsoft.AspNetCore.Antiforgery;
using PenguinMails.Web.Pages.Errors;

namespace PenguinMails.Web.Security;

/// <summary>Refuses posted forms that do not carry the token of this browser. Needs <c>UseAntiforgery</c> after authentication.</summary>
public static class FormToken
{
    /// <summary>Covers every POST, PUT and PATCH of the group; a refused one gets a page with 400 that offers to go back.</summary>
    public static TBuilder RequireFormToken<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder
    {
        routes.WithMetadata(new RequireAntiforgeryTokenAttribute());
        routes.AddEndpointFilter(async (call, next) =>
            call.HttpContext.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false }
                ? Html.Page<ErrorPage>(new { Status = StatusCodes.Status400BadRequest }, StatusCodes.Status400BadRequest)
                : await next(call));
        return routes;
    }
}
