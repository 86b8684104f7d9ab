using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings.Steps;

/// <summary>The domain is in the workspace and its mail leaves from the server.</summary>
static class DomainStep
{
    const string FindId = "select id from fleet.domain where tenant_id = $1 and workspace_id = $2 and name = $3";

    const string Leave = "update fleet.domain set server_id = null where tenant_id = $1 and id = $2 and server_id = $3";

    public static async Task<StepOutcome> Run(StepDesk desk, CancellationToken ct)
    {
        var workspace = desk.Provisioning.WorkspaceId;
        await using var tx = await desk.Db.Begin(desk.Actor.Tenant, ct);
        var known = await tx.List(FindId, row => new DomainId(row.GetGuid(0)), ct, desk.Actor.Tenant, workspace, desk.Provisioning.DomainName);
        if (known.Count == 0 || await ListDomains.Within(tx, workspace, known[0], ct) is not { } domain) return StepOutcome.Of(ListDomains.NotFound);
        if (await Server.Find(tx, workspace, desk.Provisioning.ServerId, ct) is not { } server) return StepOutcome.Of(Server.NotFound);
        await AssignServer.Within(tx, domain.Domain, server, desk.Tools.Box, desk.Tools.Hosts, desk.Now, ct);
        await tx.Commit(ct);
        await desk.Seen($"{domain.Domain.Name} sends from {server.HostName}");
        await desk.Keep(domain.Domain.Id, ct);
        return StepOutcome.Done($"{domain.Domain.Name} sends from {server.HostName}, with a key of its own.");
    }

    public static async Task<StepOutcome> Undo(StepDesk desk, CancellationToken ct)
    {
        if (desk.Provisioning.DomainId is not { } id) return StepOutcome.Done("No domain was given to the server.");
        await using (var tx = await desk.Db.Begin(desk.Actor.Tenant, ct))
        {
            await tx.Execute(Leave, ct, desk.Actor.Tenant, id, desk.Provisioning.ServerId);
            await tx.Commit(ct);
        }

        var removed = desk.Provisioning.HasMadeDomain ? await RemoveDomain.Handle(desk.Actor, id, desk.Db, desk.Clock, ct) : new Problem(ProblemKind.Conflict, "domain.kept", "it was in the account before.");
        var stack = await StackStep.Run(desk, "", ct);
        if (stack.State is "waiting") return stack;
        var machine = stack.State == "done" ? "the server forgot it" : $"the server was not changed: {stack.Note}";
        return StepOutcome.Done(removed.Problem is { Code: not "domain.not_found" } kept ? $"The domain stays: {kept.Detail} As for the machine, {machine}." : $"The domain was removed with its key, and {machine}.");
    }
}
