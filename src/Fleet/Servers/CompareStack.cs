using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Stacks;
using PenguinMails.Secrets;
using PenguinMails.Secrets.Store;

namespace PenguinMails.Fleet.Servers;

/// <summary>What bringing a server up to date would change, its queue, and the end of its log: looked up on the machine now, changing nothing.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c>, <c>server.not_found</c>, <c>server.not_ready</c>, or as the machine, the stack or the secret store do.</remarks>
public static class CompareStack
{
    const int LinesMax = 1000;

    public static async Task<Result<StackChanges>> Handle(
        Actor actor, ServerId id, TenantDb db, ServerReach reach, MailboxSecrets secrets, SealedBox box, AcmeSettings acme, string source, TimeProvider clock, CancellationToken ct)
    {
        var opened = await Open(actor, id, db, reach, clock, ct);
        if (opened.Problem is { } refused) return refused;
        await using var stack = opened.Value.Stack;
        var plan = await opened.Value.Wanted.Open(new SecretAccess(actor, "comparing a server with its description", source), secrets, box, acme, ct);
        return plan.Problem is { } closed ? closed : await stack.Stack.Compare(plan.Value, ct);
    }

    public static async Task<Result<IReadOnlyList<QueuedMail>>> Queue(Actor actor, ServerId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var opened = await Open(actor, id, db, reach, clock, ct);
        if (opened.Problem is { } refused) return refused;
        await using var stack = opened.Value.Stack;
        return await stack.Stack.Queue(ct);
    }

    /// <param name="lines">1 to 1,000; default 100.</param>
    public static async Task<Result<IReadOnlyList<string>>> Log(Actor actor, ServerId id, int? lines, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        var opened = await Open(actor, id, db, reach, clock, ct);
        if (opened.Problem is { } refused) return refused;
        await using var stack = opened.Value.Stack;
        return await stack.Stack.Log(Math.Clamp(lines ?? 100, 1, LinesMax), ct);
    }

    static async Task<Result<(HostedMail Wanted, OpenStack Stack)>> Open(Actor actor, ServerId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.ServersManage)) return Actor.Forbidden(Permissions.ServersManage);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        HostedMail wanted;
        await using (var tx = await db.Begin(actor.Tenant, ct))
        {
            if (await Server.Find(tx, workspace, id, ct) is not { } server) return Server.NotFound;
            wanted = await HostedMail.Read(tx, server, ct);
        }

        var stack = await OpenStack.Of(reach, actor, wanted, "looking at the mail stack", db, clock, ct);
        return stack.Match<Result<(HostedMail, OpenStack)>>(open => (wanted, open), refused => refused);
    }

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/servers/{id}/changes", async (HttpContext http, Actor actor, ServerId id, TenantDb db, ServerReach reach, MailboxSecrets secrets, SealedBox box, AcmeSettings acme, TimeProvider clock, CancellationToken ct) =>
            (await Handle(actor, id, db, reach, secrets, box, acme, SecretAccess.Of(http), clock, ct)).ToHttp());
        api.MapGet("/servers/{id}/queue", async (Actor actor, ServerId id, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Queue(actor, id, db, reach, clock, ct)).ToHttp());
        api.MapGet("/servers/{id}/log", async (Actor actor, ServerId id, int? lines, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct) => (await Log(actor, id, lines, db, reach, clock, ct)).ToHttp());
    }
}
