using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using PenguinMails.Web.Parts;

namespace PenguinMails.Web;

/// <summary>A sentence for the next page: "Domain added." Travels in a sealed cookie that lives one minute and is shown once.</summary>
/// <param name="Text">At most 300 characters; longer is cut.</param>
public sealed record Flash(string Text, Tone Tone)
{
    const string Cookie = "pm_flash";
    const int TextLengthMax = 300;
    static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(1);

    /// <summary>Answers a posted form: remembers the sentence and sends the browser to <paramref name="url"/> (303 semantics).</summary>
    public static IResult To(HttpContext context, string url, string text, Tone tone = Tone.Good)
    {
        var sealedText = Seal(context).Protect(
            JsonSerializer.Serialize(new Flash(text.Length > TextLengthMax ? text[..TextLengthMax] : text, tone)), LifeMax);
        context.Response.Cookies.Append(Cookie, sealedText, Options(context));
        return new SeeOther(url);
    }

    /// <summary>The waiting sentence, which is gone after this call; null if there is none or the seal does not hold.</summary>
    public static Flash? Take(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } sealedText || context.Response.HasStarted) return null;
        context.Response.Cookies.Delete(Cookie, Options(context));
        try
        {
            return JsonSerializer.Deserialize<Flash>(Seal(context).Unprotect(sealedText));
        }
        catch (CryptographicException)
        {
            return null; // Too old, or not ours.
        }
    }

    static ITimeLimitedDataProtector Seal(HttpContext context) =>
        context.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector("flash").ToTimeLimitedDataProtector();

    static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, MaxAge = LifeMax, IsEssential = true,
    };

    // RFC 9110 15.4.4: after a POST the next page is fetched with GET.
    sealed class SeeOther(string url) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = PageUrl.IsLocal(url) ? url : "/";
            return Task.CompletedTask;
        }
    }
}
