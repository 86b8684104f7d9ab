using System.Net;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Sandbox;

/// <summary>Where the sandbox listens and whom it talks to. Every address must be loopback: nothing leaves the machine.</summary>
/// <param name="Folder">Holds <c>journal.jsonl</c>, <c>mails/</c> and <c>zone.json</c>; made when missing.</param>
public sealed record SandboxOptions(string Folder)
{
    /// <summary>Where mail is taken. Default 127.0.0.1, a free port.</summary>
    public IPEndPoint Smtp { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Where DNS is answered, by UDP and TCP. Default 127.0.0.1, a free port.</summary>
    public IPEndPoint Dns { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The password that any user name logs in with. Default <c>sandbox</c>.</summary>
    public string Password { get; init; } = "sandbox";

    /// <summary>The name in greetings and in reports. Default <c>mx.sandbox.test</c>.</summary>
    public DomainName Name { get; init; } = DomainName.Parse("mx.sandbox.test");

    /// <summary>Our edge, where bounces, complaints and replies are delivered; a listener on all addresses is reached by loopback. Null until <see cref="SandboxServer.Attach"/>.</summary>
    public IPEndPoint? Edge { get; init; }

    /// <summary>Our web server: links are followed there whatever host they name; null until <see cref="SandboxServer.Attach"/>.</summary>
    public Uri? Web { get; init; }

    /// <summary>Pause between taking a message and what comes back. Default 200 ms, at most 1 h.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <returns>The same with the edge's address as it is reached.</returns>
    /// <exception cref="ArgumentException">An address is not loopback, or the delay is out of range.</exception>
    internal SandboxOptions Checked()
    {
        var edge = Edge is not null && (Edge.Address.Equals(IPAddress.Any) || Edge.Address.Equals(IPAddress.IPv6Any)) ? new IPEndPoint(IPAddress.Loopback, Edge.Port) : Edge;
        foreach (var endpoint in new[] { Smtp, Dns, edge })
            if (endpoint is not null && !IPAddress.IsLoopback(endpoint.Address)) throw new ArgumentException($"The sandbox stays on this machine: {endpoint} is not a loopback address.");
        if (Web is not null && !Web.IsLoopback) throw new ArgumentException($"The sandbox stays on this machine: {Web} is not a loopback address.");
        if (Delay < TimeSpan.Zero || Delay > TimeSpan.FromHours(1)) throw new ArgumentException("The delay is 0 to 1 hour.");
        return this with { Edge = edge };
    }
}
