using PenguinMails.Accounts.Http;
using PenguinMails.Core;

namespace PenguinMails.Web;

/// <summary>The actor behind a page request, as the middleware that knows sessions set it.</summary>
public static class Visitor
{
    /// <summary>Null where nobody is signed in.</summary>
    public static Actor? Actor(this HttpContext context) => context.RequestServices.GetRequiredService<CurrentActor>().Actor;

    /// <summary>Decides what a page offers; whether it is done decides the slice.</summary>
    public static bool May(this HttpContext context, string permission) => context.Actor() is { } actor && !actor.Lacks(permission);
}
