using System.Net;
using Microsoft.AspNetCore.Http;
using PenguinMails.Accounts.Sessions;

namespace PenguinMails.Accounts.Http;

/// <summary>The cookie that keeps a browser logged in: <c>__Host-penguin</c> over TLS, <c>penguin</c> over plain http on this machine only.</summary>
public static class SessionCookie
{
    const string SecureName = "__Host-penguin";
    const string LoopbackName = "penguin";

    public static string? Read(HttpContext context) =>
        context.Request.Cookies[SecureName] ?? (IsPlainLoopback(context) ? context.Request.Cookies[LoopbackName] : null);

    /// <summary>After <see cref="LogIn"/>: keeps the session, and the device for its own count of wrong passwords.</summary>
    public static void Write(HttpContext context, LogIn.Output made)
    {
        var isPlain = IsPlainLoopback(context);
        context.Response.Cookies.Append(isPlain ? LoopbackName : SecureName, made.Token, Settings(!isPlain, made.ExpiresAt));
        context.Response.Cookies.Append(Origin.DeviceCookie, made.Device, Settings(!isPlain, made.ExpiresAt.AddDays(275)));
    }

    /// <summary>Forgets the session; the device stays known.</summary>
    public static void Clear(HttpContext context)
    {
        context.Response.Cookies.Delete(SecureName, Settings(true, null));
        context.Response.Cookies.Delete(LoopbackName, Settings(false, null));
    }

    static CookieOptions Settings(bool isSecure, DateTimeOffset? expires) =>
        new() { Path = "/", HttpOnly = true, Secure = isSecure, SameSite = SameSiteMode.Lax, IsEssential = true, Expires = expires };

    static bool IsPlainLoopback(HttpContext context) =>
        !context.Request.IsHttps && context.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer);
}
