using Microsoft.AspNetCore.Http.Extensions;

namespace PenguinMails.Web;

/// <summary>Links to the page itself with part of its query changed, so that filter, sort and place live in the address.</summary>
public static class PageUrl
{
    /// <summary>The path and query of this request with each named value replaced; null removes it. Order is kept.</summary>
    public static string With(this HttpRequest request, params ReadOnlySpan<(string Name, string? Value)> changes)
    {
        var query = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in request.Query)
            foreach (var value in values)
                if (value is not null && !IsNamed(changes, name))
                    query.Add(new(name, value));
        foreach (var (name, value) in changes)
            if (value is not null)
                query.Add(new(name, value));
        return request.PathBase + request.Path + new QueryBuilder(query).ToQueryString();
    }

    /// <summary>True for a path on this site: one leading slash, no scheme, no host. Guards redirects that a request names.</summary>
    public static bool IsLocal(string? url) =>
        url is ['/', ..] && (url.Length == 1 || url[1] is not '/' and not '\\') && !url.AsSpan().ContainsAnyInRange('\0', '\x1f');

    static bool IsNamed(ReadOnlySpan<(string Name, string? Value)> changes, string name)
    {
        foreach (var change in changes)
            if (string.Equals(change.Name, name, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
