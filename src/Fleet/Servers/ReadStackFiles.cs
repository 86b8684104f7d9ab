using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Stacks.Connected;
using PenguinMails.Fleet.Stacks.Mailu;
using PenguinMails.Secrets;

namespace PenguinMails.Fleet.Servers;

/// <summary>What Mailu takes only from its operator, as files: the DKIM keys of its domains, and lines for its environment. Each reading stands in the audit chain, since the keys are private.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.not_found</c> or <c>stack.no_files</c>.</remarks>
public static class ReadStackFiles
{
    /// <param name="Import">For <c>flask mailu config-import --update</c>; holds private keys.</param>
    /// <param name="Environment">For <c>mailu.env</c>.</param>
    public sealed record Output(string Import, string Environment)
    {
        public override string ToString() => nameof(Output);
    }

    public static async Task<Result<Output>> Handle(Actor actor, ServerId id, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await Server.Find(tx, workspace, id, ct) is not { } server) return Server.NotFound;
        if (server.StackKind != StackApis.Mailu)
            return new Problem(ProblemKind.Conflict, "stack.no_files", $"{server.HostName} is no Mailu server: everything it needs is set without files.");
        var wanted = await HostedMail.Read(tx, server, ct);
        var domains = wanted.OpenKeys(actor.Tenant, box);
        await tx.Append(actor, "server.stack_files_read", id.ToString(), new { host_name = server.HostName, domains = domains.Count }, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return new Output(MailuFiles.Import(domains), MailuFiles.Environment(domains, wanted.Mailboxes.Count == 0 ? null : wanted.Mailboxes.Max(mailbox => mailbox.HourlyLimit)));
    }

    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/servers/{id}/stack-files",
        async (Actor actor, ServerId id, TenantDb db, SealedBox box, TimeProvider clock, CancellationToken ct) => (await Handle(actor, id, db, box, clock, ct)).ToHttp());
}
