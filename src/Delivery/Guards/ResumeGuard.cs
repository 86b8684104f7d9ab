using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Decisions;
using PenguinMails.Delivery.Halts;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Delivery.Guards;

/// <summary>Lets go on what a guard paused: a person's act, with a reason that stands in the audit log. It begins slowed, and only what is sent from now on is judged.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>guard.reason_needed</c>, <c>guard.not_found</c> or <c>guard.not_paused</c>.</remarks>
public static class ResumeGuard
{
    /// <param name="Reason">10 to 500 characters: what was found and mended.</param>
    public sealed record Input(string Measure, string Subject, string Key, string Reason);

    /// <summary>Guards that are not clear, worst first. Who is confined to a workspace sees those of what it sends from, and of figures shared with others none.</summary>
    public sealed record Output(IReadOnlyList<KeptGuard> Items);

    const int ReasonLengthMin = 10, ReasonLengthMax = 500;

    const string SelectLevel = "select level, count_from from delivery.guard where tenant_id = $1 and measure = $2 and subject = $3 and key = $4 for update";

    const string Save = """
        update delivery.guard
        set level = 'slow', count_from = $5, code = measure || '.resumed', sentence = $6, changed_at = $7
        where tenant_id = $1 and measure = $2 and subject = $3 and key = $4
        """;

    public static async Task<Result<Done>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var reason = input.Reason?.Trim() ?? "";
        if (reason.Length is < ReasonLengthMin or > ReasonLengthMax || reason.Contains('\0', StringComparison.Ordinal))
            return Problem.Invalid("guard.reason_needed", new FieldProblem("reason", $"Say what you found and mended, in {ReasonLengthMin} to {ReasonLengthMax} characters."));
        if ((input.Measure + input.Subject + input.Key).Contains('\0', StringComparison.Ordinal)) return NotFound;
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (await tx.Maybe(SelectLevel, row => row.GetString(0), ct, actor.Tenant, input.Measure, input.Subject, input.Key) is not { } level) return NotFound;
        if (level != "pause") return new Problem(ProblemKind.Conflict, "guard.not_paused", "This guard has paused nothing, so there is nothing to resume.");
        // Counts are kept by the hour: from the next full one on.
        var from = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero).AddHours(1);
        await tx.Execute(Save, ct, actor.Tenant, input.Measure, input.Subject, input.Key, from, $"Resumed by a person: {reason} Half as much is sent, and what is sent from {from:HH:mm} UTC on is judged.", now);
        await ReleaseHeld.Within(tx, ["guard_paused", "guard_slowed"], now, ct);
        await tx.Append(actor, "guard.resumed", $"{input.Measure} {input.Subject} {input.Key}", new { reason }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Output>> List(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var guards = await KeptGuard.All(tx, ct);
        return new Output(await ConfinedSight.Of(actor, Permissions.MessagesRead, tx, ct) is { } sight ? [.. guards.Select(guard => Seen(guard, sight)).OfType<KeptGuard>()] : guards);
    }

    static KeptGuard? Seen(KeptGuard guard, ConfinedSight sight) => sight.Of(guard.Subject, guard.Key) switch
    {
        Holding.Whole => guard,
        Holding.Shared => guard with { Sent = 0, Hits = 0, Sentence = ConfinedSight.Elsewhere },
        Holding.None => null,
    };

    static readonly Problem NotFound = new(ProblemKind.NotFound, "guard.not_found", "There is no such guard, or nothing was ever wrong with it.");

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/sending/guards", async (Actor actor, TenantDb db, CancellationToken ct) => (await List(actor, db, ct)).ToHttp());
        api.MapPost("/sending/guards/resume", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
    }
}
