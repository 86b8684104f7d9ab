using System.Net;
using System.Text.RegularExpressions;
using PenguinMails.Mail.Mime;
using PenguinMails.Sandbox.Mails;

namespace PenguinMails.Sandbox.Comebacks;

/// <summary>Follows the links of a message at our own web server, whatever host they name, so that nothing leaves the machine.</summary>
sealed partial class LinkVisitor : IDisposable
{
    const int LinksMax = 50;

    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>The first tracked link, not its target.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> Click(Taken mail, Uri web, CancellationToken ct)
    {
        if (Links(mail.Part).FirstOrDefault(IsTracked) is not { } link) return false;
        await Ask(HttpMethod.Get, Here(web, link), null, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36", ct);
        return true;
    }

    /// <summary>One-click unsubscription as a mailbox provider does it (RFC 8058 3.2): both headers are there, no cookies, no redirect followed.</summary>
    /// <returns>False when the message offers none.</returns>
    public async Task<bool> Unsubscribe(Taken mail, Uri web, CancellationToken ct)
    {
        if (!string.Equals(mail.Part.Raw("List-Unsubscribe-Post")?.Trim(), "List-Unsubscribe=One-Click", StringComparison.OrdinalIgnoreCase)) return false;
        if (UnsubscribeLink(mail.Part) is not { } link) return false;
        await Ask(HttpMethod.Post, Here(web, link), new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]), "SandboxProvider/1.0", ct);
        return true;
    }

    /// <summary>Every link of ours with HEAD and with GET, the unsubscribe link included.</summary>
    public async Task<bool> Scan(Taken mail, Uri web, CancellationToken ct)
    {
        var links = Links(mail.Part).Concat(UnsubscribeLink(mail.Part) is { } leave ? [leave] : []).Where(IsOurs).DistinctBy(link => link.PathAndQuery).Take(LinksMax).ToList();
        foreach (var link in links)
        {
            await Ask(HttpMethod.Head, Here(web, link), null, "SandboxLinkScanner/1.0", ct);
            await Ask(HttpMethod.Get, Here(web, link), null, "SandboxLinkScanner/1.0", ct);
        }

        return links.Count > 0;
    }

    public void Dispose() => _http.Dispose();

    /// <exception cref="HttpRequestException">No answer, or one that says to come back later (5xx, 429).</exception>
    async Task Ask(HttpMethod method, Uri address, HttpContent? content, string agent, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
            throw new HttpRequestException($"{method} {address.AbsolutePath} answered {(int)answer.StatusCode}.");
    }

    static IEnumerable<Uri> Links(MimePart message)
    {
        foreach (var part in message.All().Where(part => part.MediaType is "text/html" or "text/plain" && !part.IsAttachment))
        {
            var text = part.Text();
            var found = part.MediaType == "text/html" ? Href().Matches(text).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)) : Bare().Matches(text).Select(match => match.Value);
            foreach (var link in found)
                if (Uri.TryCreate(link, UriKind.Absolute, out var address)) yield return address;
        }
    }

    static Uri? UnsubscribeLink(MimePart message) => Bracketed().Matches(message.Raw("List-Unsubscribe") ?? "")
        .Select(match => Uri.TryCreate(match.Groups[1].Value, UriKind.Absolute, out var link) ? link : null).FirstOrDefault(link => link is not null);

    static bool IsTracked(Uri link) => link.AbsolutePath.StartsWith("/c/", StringComparison.Ordinal);

    static bool IsOurs(Uri link) => IsTracked(link) || link.AbsolutePath.StartsWith("/u/", StringComparison.Ordinal);

    static Uri Here(Uri web, Uri link) => new(web, link.PathAndQuery);

    [GeneratedRegex("""href\s*=\s*["'](https?://[^"'\s]{1,2000})["']""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Href();

    [GeneratedRegex("""https?://[^\s<>"]{1,2000}""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Bare();

    [GeneratedRegex("<(https?://[^>]{1,2000})>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();
}
