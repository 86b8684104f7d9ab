using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Fleet.Domains;

namespace PenguinMails.Fleet.Servers;

/// <summary>Where certificates of servers come from.</summary>
/// <param name="Directory">Of an ACME authority (RFC 8555 7.1.1). From <c>PENGUIN__ACME__DIRECTORY</c>, default that of Let's Encrypt.</param>
/// <param name="Contact">Address the authority may write to. From <c>PENGUIN__ACME__CONTACT</c>; default postmaster at the installation's mail host.</param>
public sealed record AcmeSettings(Uri Directory, string Contact)
{
    const string LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

    /// <exception cref="InvalidOperationException">The directory is no https address.</exception>
    internal static AcmeSettings From(IServiceProvider needed)
    {
        var configuration = needed.GetService<IConfiguration>();
        var directory = configuration?["Acme:Directory"] is { Length: > 0 } given ? given : LetsEncrypt;
        return Uri.TryCreate(directory, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? new(uri, configuration?["Acme:Contact"] is { Length: > 0 } contact ? contact : $"postmaster@{needed.GetRequiredService<PlatformHosts>().Mail}")
            : throw new InvalidOperationException($"PENGUIN__ACME__DIRECTORY is {directory}. Give the https address of an ACME directory.");
    }
}
