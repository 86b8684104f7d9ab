using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Ssh;

namespace PenguinMails.Fleet.Servers;

/// <summary>Adds a machine that is there already. Makes a key pair for it, whose public half a person puts on the machine; connects to nothing yet.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.invalid</c>, <c>server.exists</c>, <c>server.too_many</c> or the refusals of the secret store.</remarks>
public static class AddServer
{
    /// <param name="Name">For people.</param>
    /// <param name="HostName">The EHLO name, such as mail.example.com.</param>
    /// <param name="Address">IPv4, IPv6 or a host name.</param>
    /// <param name="Port">Of sshd, default 22.</param>
    /// <param name="User">Default root: the mail stack is installed as root.</param>
    public sealed record Input(string Name, string HostName, string Address, int Port = 22, string User = "root");

    /// <param name="PublicKey">The line for authorized_keys.</param>
    /// <param name="Command">Run on the machine as that user, it lets us in.</param>
    public sealed record Output(ServerId Id, string PublicKey, string Command);

    const string Insert = """
        insert into fleet.server (tenant_id, id, workspace_id, name, host_name, host_kind, state, problem, addresses, ssh_port, ssh_user, ssh_public_key, created_at)
        values ($1, $2, $3, $4, $5, 'own', 'booting', $6, $7, $8, $9, $10, $11)
        on conflict (tenant_id, workspace_id, host_name) where state <> 'destroyed' do nothing
        """;

    public static async Task<Result<Output>> Handle(Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        if (ServerInput.Fault(input.Name, input.HostName, out var hostName) is { } fault) return fault;
        if (ServerInput.Address(input.Address) is not { } address) return ServerInput.Wrong("address", "Give the machine's IP address, or a host name that leads to it.");
        if (input.Port is < 1 or > 65535) return ServerInput.Wrong("port", "1 to 65535; sshd listens on 22 unless somebody changed it.");
        if (!IsUser(input.User)) return ServerInput.Wrong("user", "Give a log-in name such as root.");

        var now = clock.GetUtcNow();
        var id = TypedId.New<ServerId>(now);
        var pair = SshKeyPair.New($"penguinmails-{id}");
        await using var tx = await db.Begin(actor.Tenant, ct);
        if ((await ServerBudget.Held(tx, workspace, ct)).Forbids(null) is { } full) return full;
        var added = await tx.Execute(Insert, ct, actor.Tenant, id, workspace, input.Name.Trim(), hostName, "Put the public key on the machine, then check the server.",
            Jsonb.Of<ServerAddress[]>([new(address, hostName)]), input.Port, input.User, pair.PublicLine, now);
        if (added == 0) return ServerInput.Exists(hostName);
        await RecheckServer.Begin(tx, workspace, id, now, ct);
        // A key without a row harms nobody; a row without its key could never be used.
        if ((await reach.KeepKey(actor, id, pair, db, clock, ct)).Problem is { } unkept) return unkept;
        await tx.Append(actor, "server.added", id.ToString(), new { host_name = hostName }, now, ct);
        await tx.Commit(ct);
        return new Output(id, pair.PublicLine, Command(pair.PublicLine));
    }

    /// <summary>Appends the line to authorized_keys of whoever runs it. The line holds no quote, so that it can stand in quotes.</summary>
    public static string Command(string publicLine) => $"install -d -m 700 ~/.ssh && echo '{publicLine}' >> ~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys";

    static bool IsUser(string user) => user.Length is > 0 and <= 32 && user[0] != '-' && user.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers",
        async (Actor actor, Input input, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, input, db, reach, clock, ct)).ToHttp(made => TypedResults.Created($"/api/v1/servers/{made.Id}", made)));
}
