using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace PenguinMails.Cli;

/// <summary>What a process does. up is all of them; docs/scale.md says how to split them over machines.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Web = 1,
    Worker = 2,
    Edge = 4,

    /// <summary>Plays the recipients' world on this machine; on when no relay for system mail is set.</summary>
    Sandbox = 8,
}

/// <summary>Where the program keeps its things and listens. Every key has a default; docs/guide/configuration.md lists them.</summary>
/// <param name="DataFolder"><c>PENGUIN__DATA__FOLDER</c>; default /var/lib/penguinmails for root, else ~/.local/share/penguinmails.</param>
/// <param name="WebListen"><c>PENGUIN__WEB__LISTEN</c>, default 127.0.0.1:8080; port 0 takes a free one.</param>
/// <param name="EdgeListen"><c>PENGUIN__EDGE__LISTEN</c>, default 127.0.0.1:2526.</param>
/// <param name="MailHost"><c>PENGUIN__HOSTS__MAIL</c>, default mx.penguin.test.</param>
/// <param name="WebUrl"><c>PENGUIN__HOSTS__WEBURL</c>; default the web listener's address.</param>
public sealed record Settings(Roles Roles, string DataFolder, IPEndPoint WebListen, IPEndPoint EdgeListen, string MailHost, Uri WebUrl)
{
    /// <summary>Sandbox ports: <c>PENGUIN__SANDBOX__SMTP</c> and <c>PENGUIN__SANDBOX__DNS</c>, default 127.0.0.1:2525 and 127.0.0.1:5354.</summary>
    public required IPEndPoint SandboxSmtp { get; init; }

    public required IPEndPoint SandboxDns { get; init; }

    /// <summary>The web listener as this machine reaches it, whatever name the world knows it by.</summary>
    public Uri LocalWeb => new($"http://{new IPEndPoint(IPAddress.Any.Equals(WebListen.Address) ? IPAddress.Loopback : WebListen.Address, WebListen.Port)}/");

    /// <exception cref="InvalidOperationException">A value is not what it must be; the message names the key.</exception>
    public static Settings Read(IConfiguration configuration, Roles roles)
    {
        var web = Endpoint(configuration, "Web:Listen", "127.0.0.1:8080");
        var url = configuration["Hosts:WebUrl"] is { Length: > 0 } text ? text : $"http://{(web.Address.Equals(IPAddress.Loopback) ? "localhost" : web.Address)}:{web.Port}/";
        if (!Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out var webUrl) || webUrl.Scheme is not ("http" or "https"))
            throw new InvalidOperationException($"PENGUIN__HOSTS__WEBURL is {url}; it must begin with https:// (or http:// on this machine).");
        var hasRelay = configuration["SystemMail:Host"] is { Length: > 0 };
        if (roles.HasFlag(Roles.Worker) && !hasRelay)
            roles |= IsProduction(configuration)
                ? throw new InvalidOperationException("PENGUIN__SYSTEMMAIL__HOST is missing. In production the program needs a relay for its own mail (verification, reset, invitations).")
                : Roles.Sandbox;
        return new Settings(roles, configuration["Data:Folder"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : DefaultFolder(), web,
            Endpoint(configuration, "Edge:Listen", "127.0.0.1:2526"), configuration["Hosts:Mail"] is { Length: > 0 } host ? host : "mx.penguin.test", webUrl)
        {
            SandboxSmtp = Endpoint(configuration, "Sandbox:Smtp", "127.0.0.1:2525"),
            SandboxDns = Endpoint(configuration, "Sandbox:Dns", "127.0.0.1:5354"),
        };
    }

    /// <exception cref="InvalidOperationException">An unknown role.</exception>
    public static Roles ParseRoles(string words)
    {
        var roles = Roles.None;
        foreach (var word in words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            roles |= Enum.TryParse<Roles>(word, ignoreCase: true, out var role) && !int.TryParse(word, out _)
                ? role
                : throw new InvalidOperationException($"{word} is not a role. Use web, worker, edge or sandbox, separated by commas.");
        return roles;
    }

    /// <summary><c>PENGUIN__ENVIRONMENT</c>: development (default) or production.</summary>
    public static bool IsProduction(IConfiguration configuration) => string.Equals(configuration["Environment"], "production", StringComparison.OrdinalIgnoreCase);

    static string DefaultFolder() => Environment.IsPrivilegedProcess
        ? "/var/lib/penguinmails"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "penguinmails");

    static IPEndPoint Endpoint(IConfiguration configuration, string key, string otherwise)
    {
        var text = configuration[key] is { Length: > 0 } given ? given : otherwise;
        if (!IPEndPoint.TryParse(text, out var endpoint))
            throw new InvalidOperationException($"PENGUIN__{key.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal)} is {text}; it must be an address and a port such as {otherwise}.");
        return endpoint.Port == 0 ? Free(endpoint.Address) : endpoint;
    }

    // Below the ports that the kernel gives to outgoing connections (32768 and up): those may be taken before the program listens.
    static IPEndPoint Free(IPAddress address)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var endpoint = new IPEndPoint(address, RandomNumberGenerator.GetInt32(20_000, 32_000));
            using var probe = new TcpListener(endpoint);
            try
            {
                probe.Start();
                return endpoint;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }

        throw new InvalidOperationException($"No free port between 20000 and 32000 at {address} in 100 attempts. Name one.");
    }
}
