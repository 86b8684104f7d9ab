using Microsoft.AspNetCore.Builder;
using PenguinMails.Core;

namespace PenguinMails.Accounts;

/// <summary>The route is for a person who is logged in; an API key is refused with <c>session.needed</c>.</summary>
public sealed record SessionNeeded;

/// <summary>What the middleware must know of a route. Open routes are marked with the framework's <c>AllowAnonymous()</c>.</summary>
public static class EndpointMarks
{
    public static T NeedsSession<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new SessionNeeded());

    public static T AnswersSecret<T>(this T route) where T : IEndpointConventionBuilder => route.WithMetadata(new SecretAnswer());
}
