using Microsoft.AspNetCore.Http;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Delivery.Halts;

/// <summary>Holds back what a campaign says, until somebody who may launch campaigns lets it go. What was sent is sent; what waits keeps its place.</summary>
/// <remarks>Unlike a pause it is about the words: resuming the campaign does not lift it. Takes hold within 15 seconds. Refuses with <c>permission.missing</c>, <c>content.reason_needed</c>,
/// <c>content.campaign_not_found</c> (also before its launch) or, when lifting, <c>content.not_blocked</c>.</remarks>
public static class BlockContent
{
    /// <param name="Reason">3 to 500 characters; whoever asks why a message waits reads it.</param>
    public sealed record Input(string Reason);

    const int ReasonLengthMin = 3, ReasonLengthMax = 500;

    const string Set = """
        update delivery.campaign_control
        set blocked_reason = $4, updated_at = $5
        where tenant_id = $1 and ($2::uuid is null or workspace_id = $2) and campaign_id = $3
        """;

    const string SelectReason = "select blocked_reason from delivery.campaign_control where tenant_id = $1 and ($2::uuid is null or workspace_id = $2) and campaign_id = $3 for update";

    static readonly Problem NotFound = new(ProblemKind.NotFound, "content.campaign_not_found", "There is no launched campaign of this id in this workspace.");

    public static async Task<Result<Done>> Handle(Actor actor, Guid campaign, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsLaunch)) return Actor.Forbidden(Permissions.CampaignsLaunch);
        var (reason, now) = (input.Reason?.Trim() ?? "", clock.GetUtcNow());
        if (reason.Length is < ReasonLengthMin or > ReasonLengthMax || reason.Contains('\0', StringComparison.Ordinal))
            return Problem.Invalid("content.reason_needed", new FieldProblem("reason", $"Say what is wrong with the content, in {ReasonLengthMin} to {ReasonLengthMax} characters."));
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Execute(Set, ct, actor.Tenant, actor.Workspace, campaign, reason, now) == 0) return NotFound;
        await tx.Append(actor, "content.blocked", campaign.ToString("N"), new { reason }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Done>> Lift(Actor actor, Guid campaign, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.CampaignsLaunch)) return Actor.Forbidden(Permissions.CampaignsLaunch);
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(SelectReason, row => row.GetString(0), ct, actor.Tenant, actor.Workspace, campaign) is not { } was) return NotFound;
        if (was.Length == 0) return new Problem(ProblemKind.Conflict, "content.not_blocked", "The content of this campaign is not held back.");
        await tx.Execute(Set, ct, actor.Tenant, actor.Workspace, campaign, "", now);
        await ReleaseHeld.Within(tx, ["content_blocked"], now, ct);
        await tx.Append(actor, "content.let_go", campaign.ToString("N"), new { was }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }
}
