using System.Net;
using PenguinMails.Core;

namespace PenguinMails.Fleet.Servers.Hosts;

/// <summary>A wish for one server. The same wish never buys two.</summary>
/// <param name="Id">Goes along as label, tag or name, so that the server is found again whatever happened to the answer.</param>
/// <param name="Name">The EHLO name; also what the host shows, and where the host makes reverse DNS out of it.</param>
/// <param name="PublicKey">One line in the form of OpenSSH; the machine lets it in as root.</param>
sealed record ServerWish(Guid Id, string Name, string Region, string Size, string PublicKey)
{
    /// <summary>Letters, figures and dashes only: every host takes them.</summary>
    public string Mark => MarkOf(Id);

    public static string MarkOf(Guid id) => $"penguin-{id:N}";
}

/// <summary>building: not usable yet. running. stopped: exists, is switched off. failed: the host gave up. gone: it knows no such server.</summary>
enum HostedState { Building, Running, Stopped, Failed, Gone }

/// <summary>A server as its host shows it.</summary>
/// <param name="Ref">The host's own id; empty when the server is gone.</param>
/// <param name="Addresses">IPv4 first; empty until the host gave some.</param>
sealed record HostedServer(string Ref, HostedState State, IReadOnlyList<IPAddress> Addresses)
{
    public static readonly HostedServer Gone = new("", HostedState.Gone, []);
}

/// <summary>Where servers stand at a host.</summary>
/// <param name="Id">As the host's API takes it.</param>
public sealed record ServerRegion(string Id, string Name);

/// <summary>A size of server with its price.</summary>
/// <param name="MemoryMb">Mebibytes.</param>
/// <param name="DiskGb">As the host counts it.</param>
/// <param name="Monthly">What a month costs with one IPv4 address, in cents, rounded up; hosts bill by the hour up to this.</param>
/// <param name="Regions">Ids of the regions that have it at this price.</param>
public sealed record ServerSize(string Id, int Cores, int MemoryMb, int DiskGb, Money Monthly, IReadOnlyList<string> Regions);

/// <summary>What can be bought.</summary>
public sealed record ServerOffers(IReadOnlyList<ServerRegion> Regions, IReadOnlyList<ServerSize> Sizes);

/// <summary>Whoever rents servers out. What goes wrong outside is a problem, never an exception: <c>server.credential_refused</c>, <c>server.host_missing</c>,
/// <c>server.host_refused</c>, <c>server.host_busy</c>, <c>server.host_failed</c>, <c>server.host_silent</c>, <c>server.host_unreachable</c> or <c>server.host_unclear</c>.</summary>
/// <remarks>Nothing here waits or tries again: that is the job's work, which knows when it was started and bears being killed.</remarks>
interface IServerHost : IDisposable
{
    /// <summary>Cheapest size first; only sizes with at least 1 GB of memory and a processor of the x86 kind, which the mail stack is built for.</summary>
    Task<Result<ServerOffers>> Offers(CancellationToken ct);

    /// <summary>Every server that carries this wish, oldest first: none, one, or more when an answer was lost on its way.</summary>
    Task<Result<IReadOnlyList<HostedServer>>> Wished(Guid wish, CancellationToken ct);

    /// <summary>Orders a server with Debian 12. Whoever calls looks for the wish before and after: <see cref="OrderOnce"/>.</summary>
    Task<Result<HostedServer>> Create(ServerWish wish, CancellationToken ct);

    /// <summary>A server the host no longer knows is <see cref="HostedState.Gone"/> and no refusal.</summary>
    Task<Result<HostedServer>> Find(string reference, CancellationToken ct);

    /// <summary>Sets reverse DNS of one address.</summary>
    Task<Result<Done>> SetPtr(string reference, IPAddress address, string name, CancellationToken ct);

    /// <summary>Lets in <see cref="MailPorts.In"/> and nothing else, where the host has a firewall of its own. Twice is as once.</summary>
    Task<Result<Done>> Protect(string reference, CancellationToken ct);

    /// <summary>Takes a picture of the disk.</summary>
    /// <returns>The host's id of it, or of the action that makes it.</returns>
    Task<Result<string>> Snapshot(string reference, string name, CancellationToken ct);

    /// <summary>Ends the server and its cost. A server that is gone already is no refusal.</summary>
    Task<Result<Done>> Destroy(string reference, CancellationToken ct);
}

/// <summary>Ports of a mail server that the world may reach: SSH, SMTP, HTTP for certificates, HTTPS, submission with TLS, submission, IMAP.</summary>
static class MailPorts
{
    public static readonly IReadOnlyList<int> In = [22, 25, 80, 443, 465, 587, 993];
}
