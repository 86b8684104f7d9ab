using Microsoft.AspNetCore.HttpOverrides;

namespace PenguinMails.Web.Security;

/// <summary>Believes <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> of the proxies the operator names, and of nobody else.</summary>
/// <remarks><c>PENGUIN__WEB__PROXIES</c>: CIDR blocks separated by commas, such as 127.0.0.1/32 for a TLS proxy on this machine. Default none.</remarks>
static class TrustedProxies
{
    /// <exception cref="InvalidOperationException">A block is not CIDR.</exception>
    public static void UseTrustedProxies(this WebApplication app)
    {
        if (app.Configuration["Web:Proxies"] is not { Length: > 0 } text) return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var block in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            options.KnownIPNetworks.Add(System.Net.IPNetwork.TryParse(block, out var network)
                ? network
                : throw new InvalidOperationException($"PENGUIN__WEB__PROXIES has {block}; it must be CIDR blocks such as 127.0.0.1/32."));
        app.UseForwardedHeaders(options);
    }
}
