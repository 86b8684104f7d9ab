using PenguinMails.Accounts.Http;
using PenguinMails.Accounts.Sessions;
using PenguinMails.Core;

namespace PenguinMails.Web;

/// <summary>Who opened the page.</summary>
public static class Visitor
{
    /// <summary>Null where nobody is signed in, and for a person who belongs to no account.</summary>
    public static Actor? Actor(this HttpContext context) => context.RequestServices.GetRequiredService<CurrentActor>().Actor;

    /// <summary>Null where nobody is signed in.</summary>
    public static SignedIn? Person(this HttpContext context) => context.RequestServices.GetRequiredService<CurrentActor>().Person;

    /// <summary>Decides what a page offers; whether it is done decides the slice.</summary>
    public static bool May(this HttpContext context, string permission) => context.Actor() is { } actor && !actor.Lacks(permission);
}
