using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Hosts;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Secrets.Entries;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>What the verbs of servers need of the program to reach machines and those who rent them out. Keys and tokens come from the secret store and go nowhere else.</summary>
public sealed record ServerReach(Outbound Outbound, ISecretStore Store, ServerHostSettings Hosts)
{
    const string KeyField = "private_key";
    const string TokenField = "token";

    const string MarkChanged = """
        update fleet.server
        set state = 'changed', problem = $3, checked_at = $4
        where tenant_id = $1 and id = $2 and state in ('ready', 'unreachable', 'failed') and host_key is not null
        """;

    /// <summary>A session with a machine that was checked before. Dispose it.</summary>
    /// <param name="reason">3 to 300 characters; stands in the access log of the key.</param>
    /// <remarks>Refuses with <c>server.not_ready</c>, the refusals of <see cref="ISecretStore"/> or those of <see cref="SshSession.Open"/>; a changed host key moves the server to changed,
    /// and from then on everything is refused with <c>ssh.host_key_changed</c> until a person confirms the key.</remarks>
    internal async Task<Result<SshSession>> Open(Actor actor, Server server, string reason, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Closed(server) is { } closed) return closed;
        return await Noted(actor, server, await Open(actor, server, server.HostKey, reason, clock, ct), db, clock, ct);
    }

    /// <summary>The same with a given key: for its rotation.</summary>
    internal async Task<Result<SshSession>> Open(Actor actor, Server server, SecretFields key, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (Closed(server) is { } closed) return closed;
        var target = new SshTarget(server.Addresses[0].Ip, server.SshPort, server.SshUser, PrivateKey(key), server.HostKey);
        return await Noted(actor, server, await SshSession.Open(target, Outbound, clock, ct), db, clock, ct);
    }

    static Problem? Closed(Server server) => server.IsConnected ? Server.NoWayIn(server)
        : server.State == ServerState.Changed ? new Problem(ProblemKind.Conflict, "ssh.host_key_changed", server.Problem)
        : server is { HostKey: not null, Addresses.Count: > 0, State: ServerState.Ready or ServerState.Unreachable } ? null
        : new Problem(ProblemKind.Conflict, "server.not_ready", $"{server.HostName} is {Server.Word(server.State)}. Check it first: its page says what is missing.");

    static async Task<Result<SshSession>> Noted(Actor actor, Server server, Result<SshSession> opened, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (opened.Problem is not { Code: "ssh.host_key_changed" } changed) return opened;
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(MarkChanged, ct, actor.Tenant, server.Id, changed.Detail, clock.GetUtcNow());
        await tx.Commit(ct);
        return changed;
    }

    /// <param name="hostKey">Null takes whatever key the machine shows: first contact only.</param>
    internal async Task<Result<SshSession>> Open(Actor actor, Server server, string? hostKey, string reason, TimeProvider clock, CancellationToken ct)
    {
        if (server.IsConnected) return Server.NoWayIn(server);
        if (server.Addresses.Count == 0) return new Problem(ProblemKind.Unavailable, "server.no_address", $"{server.HostName} has no address yet. Wait until its host has given it one.");
        var key = await Store.Get(new SecretAccess(actor, reason, "servers"), Server.KeyPath(server.Id), null, ct);
        if (key.Problem is { } closed) return closed;
        return await SshSession.Open(new SshTarget(server.Addresses[0].Ip, server.SshPort, server.SshUser, PrivateKey(key.Value.Fields), hostKey), Outbound, clock, ct);
    }

    internal Task<Result<int>> KeepKey(Actor actor, ServerId id, SshKeyPair pair, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        KeepSecret.Handle(new SecretAccess(actor, "server added", "servers"), Server.KeyPath(id), Fields(pair), 0, RotationKinds.SshKey, Store, db, clock, ct);

    internal static SecretFields Fields(SshKeyPair pair) => SecretFields.Of((KeyField, pair.PrivateKeyPem));

    internal static string PrivateKey(SecretFields fields) => fields[KeyField] ?? "";

    /// <summary>Takes the key or the token of a server that is gone away for good.</summary>
    internal Task<Result<Done>> ForgetKey(Actor actor, Server server, CancellationToken ct) =>
        Store.Remove(new SecretAccess(actor, "server gone", "servers"), server.IsConnected ? Server.TokenPath(server.Id) : Server.KeyPath(server.Id), ct);

    /// <summary>The host with the token of this account. Refuses with <c>server.host_unknown</c> or <c>server.host_not_connected</c>. Dispose it.</summary>
    internal async Task<Result<IServerHost>> Host(Actor actor, string kind, string reason, CancellationToken ct)
    {
        if (!ServerHosts.Kinds.Contains(kind)) return ServerHosts.KindUnknown;
        var token = await Store.Get(new SecretAccess(actor, reason, "servers"), TokenPath(kind), null, ct);
        if (token.Problem is { Code: "secret.not_found" })
            return new Problem(ProblemKind.Conflict, "server.host_not_connected", $"{ServerHosts.NameOf(kind)} is not connected. Make an API token there and enter it under Servers.");
        if (token.Problem is { } closed) return closed;
        return ServerHosts.Open(kind, token.Value.Fields[TokenField] ?? "", Hosts, Outbound);
    }

    internal Task<Result<int>> KeepToken(Actor actor, string kind, string token, TenantDb db, TimeProvider clock, CancellationToken ct) =>
        KeepSecret.Handle(new SecretAccess(actor, "server host connected", "servers"), TokenPath(kind), SecretFields.Of((TokenField, token)), null, RotationKinds.ApiKey, Store, db, clock, ct);

    static SecretPath TokenPath(string kind) => SecretPath.Parse($"servers/hosts/{kind}");
}
