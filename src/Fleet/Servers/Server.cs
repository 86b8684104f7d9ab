using System.Text.Json.Serialization;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

public readonly record struct ServerId(Guid Value) : ITypedId<ServerId>
{
    public static string Prefix => "srv";
    public static ServerId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ServerId id) => TypedId.TryParse(text, out id);
}

/// <summary>ordered: wished for at a host, not there yet. booting: waits for the first log-in. ready. unreachable: was ready, does not answer. changed: shows another
/// host key, nothing is done there before a person confirms it. failed: cannot be used, see its problem. destroying. destroyed. Drawn in docs/states/server.md.</summary>
public enum ServerState { Ordered, Booting, Ready, Unreachable, Changed, Failed, Destroying, Destroyed }

/// <summary>An address of a server and the name it introduces itself with when it sends from there.</summary>
/// <param name="Ip">IPv4 or IPv6, or a host name where a person gave one.</param>
/// <param name="Ehlo">A-label, lower case.</param>
public sealed record ServerAddress(string Ip, string Ehlo);

/// <summary>What the machine said of itself at the last check.</summary>
/// <param name="Os">Such as debian.</param>
/// <param name="Version">Such as 12.</param>
/// <param name="MemoryMb">Mebibytes.</param>
/// <param name="DiskFreeMb">Mebibytes free where / lies.</param>
/// <param name="IsVirtual">Null where it could not tell.</param>
/// <param name="CanPort25Out">Whether it reaches port 25 elsewhere; null when that was not tried.</param>
public sealed record ServerFacts(string Os, string Version, int Cores, int MemoryMb, int DiskFreeMb, bool? IsVirtual, [property: JsonPropertyName("can_port_25_out")] bool? CanPort25Out);

/// <summary>A machine that carries mail.</summary>
/// <param name="HostName">The name it introduces itself with (EHLO): A-label, lower case.</param>
/// <param name="HostKind">own, api (a mail server that somebody runs already, reached through its API), hetzner, digitalocean, vultr or hostwinds.</param>
/// <param name="HostRef">The host's own id; null until it is known, and for own machines.</param>
/// <param name="Problem">What is wrong or waited for, and what to do; empty when nothing.</param>
/// <param name="Addresses">The first is the main one; empty while a host has not given one.</param>
/// <param name="SshPublicKey">The line that stands in authorized_keys of the machine; empty where there is no way in.</param>
/// <param name="HostKey">The pinned key of the machine; null before the first contact.</param>
/// <param name="HostKeyOffered">The key it shows instead, where that is known.</param>
/// <param name="MonthlyPrice">Null for own machines.</param>
/// <param name="StackKind">native, mailu, stalwart, or null when no mail stack is installed.</param>
public sealed record Server(
    ServerId Id, WorkspaceId WorkspaceId, string Name, string HostName, string HostKind, string? HostRef, string? Region, string? Size, Money? MonthlyPrice, ServerState State, string Problem,
    IReadOnlyList<ServerAddress> Addresses, int SshPort, string SshUser, string SshPublicKey, string? HostKey, string? HostKeyOffered, ServerFacts? Facts,
    string? StackKind, string? StackDigest, DateTimeOffset? StackedAt, DateTimeOffset? CheckedAt, DateTimeOffset CreatedAt)
{
    /// <summary>"SHA256:…" of the pinned key, as OpenSSH shows it.</summary>
    public string? Fingerprint => Print(HostKey);

    /// <summary>"SHA256:…" of the key it shows instead.</summary>
    public string? FingerprintOffered => Print(HostKeyOffered);

    /// <summary>Where the API of its mail stack begins; null where the stack is ours.</summary>
    public string? StackUrl { get; init; }

    /// <summary>Of that API, as it was found; null where the stack is ours.</summary>
    public string? StackVersion { get; init; }

    /// <summary>What its mail stack cannot do of what was asked for, each a sentence; as the last run found it.</summary>
    public IReadOnlyList<string> StackNotes { get; init; } = [];

    /// <summary>Why the last run of its mail stack stopped, and what to do; empty when it did not.</summary>
    public string StackProblem { get; init; } = "";

    /// <summary>True when it is reached through the API of its mail stack, and no other way.</summary>
    [JsonIgnore] public bool IsConnected => HostKind == "api";

    /// <summary>Goes along with an order, so that it is found again; null for own machines.</summary>
    [JsonIgnore] public Guid? Wish { get; init; }

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "server.not_found", "There is no such server in this workspace.");

    const string Select = """
        select id, workspace_id, name, host_name, host_kind, host_ref, region, size, monthly_price, currency, state, problem, addresses, ssh_port, ssh_user, ssh_public_key,
          host_key, host_key_offered, facts, stack_kind, stack_digest, stacked_at, checked_at, created_at, wish, stack_url, stack_version, stack_notes, stack_problem
        from fleet.server
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    /// <summary>Null when the workspace has no such server.</summary>
    internal static Task<Server?> Find(TenantTx tx, WorkspaceId workspace, ServerId id, CancellationToken ct) => tx.Maybe(Select, Read, ct, tx.Tenant, workspace, id);

    internal static Problem NoWayIn(Server server) =>
        new(ProblemKind.Conflict, "server.no_ssh", $"{server.HostName} is reached through the API of its mail server; there is no way in to the machine itself. Do this where you manage the machine.");

    /// <summary>Where the token of its API and the key of our marks lie.</summary>
    internal static SecretPath TokenPath(ServerId id) => SecretPath.Parse($"servers/{id}/stack-api");

    /// <summary>Where the private key lies.</summary>
    internal static SecretPath KeyPath(ServerId id) => SecretPath.Parse($"servers/{id}/ssh");

    internal static Server Read(NpgsqlDataReader row) => new(
        new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), row.GetString(3), row.GetString(4), row.Text(5), row.Text(6), row.Text(7),
        row.Maybe<decimal>(8) is { } price && Prices.Find(row.Text(9)) is { } currency ? Prices.Up(price, currency) : null, ReadState(row.GetString(10)), row.GetString(11),
        Json.Read<ServerAddress[]>(row.GetString(12)), row.GetInt32(13), row.GetString(14), row.GetString(15), row.Text(16), row.Text(17), row.Text(18) is { } facts ? Json.Read<ServerFacts>(facts) : null,
        row.Text(19), row.Text(20), row.Maybe<DateTimeOffset>(21), row.Maybe<DateTimeOffset>(22), row.GetFieldValue<DateTimeOffset>(23))
    { Wish = row.Maybe<Guid>(24), StackUrl = row.Text(25), StackVersion = row.Text(26), StackNotes = row.GetFieldValue<string[]>(27), StackProblem = row.GetString(28) };

    internal static string Word(ServerState state) => state switch
    {
        ServerState.Ordered => "ordered",
        ServerState.Booting => "booting",
        ServerState.Ready => "ready",
        ServerState.Unreachable => "unreachable",
        ServerState.Changed => "changed",
        ServerState.Failed => "failed",
        ServerState.Destroying => "destroying",
        ServerState.Destroyed => "destroyed",
    };

    static ServerState ReadState(string word) => Enum.GetValues<ServerState>().Cast<ServerState?>().FirstOrDefault(state => Word(state.GetValueOrDefault()) == word)
        ?? throw new InvalidOperationException($"Unknown server state {word}.");

    static string? Print(string? line) => line is null ? null : SshHostKey.Parse(line)?.Fingerprint;
}
