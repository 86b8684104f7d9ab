using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Servers.Ssh;
using PenguinMails.Secrets.Rotations;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>How a server's SSH key changes: the new line is added beside the old one, used to log in, and then the old one is taken out.</summary>
sealed class RotateSshKey(ServerReach reach, TenantDb db, TimeProvider clock)
{
    const string SelectWorkspace = "select workspace_id from fleet.server where tenant_id = $1 and id = $2";

    const string SavePublic = "update fleet.server set ssh_public_key = $3 where tenant_id = $1 and id = $2";

    static readonly Problem Foreign = new(ProblemKind.Conflict, "server.key_foreign", "This secret is no SSH key of a server. Change it by hand where it is used.");

    public Rotator Rotator => new(RotationKinds.SshKey) { Make = Make, Install = Install, Verify = Verify, Retire = Retire, Withdraw = Withdraw };

    static Task<Result<SecretFields>> Make(SecretPath path, SecretFields old, CancellationToken ct) =>
        Task.FromResult<Result<SecretFields>>(IdOf(path) is { } id ? ServerReach.Fields(SshKeyPair.New($"penguinmails-{id}")) : Foreign);

    Task<Result<Done>> Install(RotationCall call, CancellationToken ct) => At(call, call.Old, (session, id) => AuthorisedKeys.Add(session, Line(id, call.New), ct), ct);

    Task<Result<Done>> Verify(RotationCall call, CancellationToken ct) => At(call, call.New, async (session, _) => (await session.Run(["true"], default, TimeSpan.FromSeconds(20), ct)).Problem is { } problem ? problem : default(Done), ct);

    Task<Result<Done>> Retire(RotationCall call, CancellationToken ct) => At(call, call.New, (session, id) => Leave(session, call, id, call.New, call.Old, ct), ct);

    Task<Result<Done>> Withdraw(RotationCall call, CancellationToken ct) => At(call, call.Old, (session, id) => Leave(session, call, id, call.Old, call.New, ct), ct);

    async Task<Result<Done>> Leave(SshSession session, RotationCall call, ServerId id, SecretFields kept, SecretFields gone, CancellationToken ct)
    {
        var removed = await AuthorisedKeys.Remove(session, Line(id, gone), ct);
        if (removed.Problem is not null) return removed;
        await using var tx = await db.Begin(call.Tenant, ct);
        await tx.Execute(SavePublic, ct, call.Tenant, id, Line(id, kept));
        await tx.Commit(ct);
        return removed;
    }

    async Task<Result<Done>> At(RotationCall call, SecretFields key, Func<SshSession, ServerId, Task<Result<Done>>> work, CancellationToken ct)
    {
        if (IdOf(call.Path) is not { } id) return Foreign;
        if (await Find(call.Tenant, id, ct) is not { } server) return Foreign;
        var opened = await reach.Open(Actor.System(call.Tenant, server.WorkspaceId), server, key, db, clock, ct);
        if (opened.Problem is { } problem) return problem;
        await using var session = opened.Value;
        return await work(session, id);
    }

    async Task<Server?> Find(TenantId tenant, ServerId id, CancellationToken ct)
    {
        await using var tx = await db.Begin(tenant, ct);
        var found = await tx.List(SelectWorkspace, row => new WorkspaceId(row.GetGuid(0)), ct, tenant, id);
        return found is [var workspace] ? await Server.Find(tx, workspace, id, ct) : null;
    }

    static string Line(ServerId id, SecretFields fields) => $"{SshKeyPair.PublicLineOf(ServerReach.PrivateKey(fields))} penguinmails-{id}";

    static ServerId? IdOf(SecretPath path) => path.Text.Split('/') is ["servers", var id, "ssh"] && ServerId.TryParse(id, null, out var server) ? server : null;
}
