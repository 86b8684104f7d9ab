using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Halts;

/// <summary>A stop of sending that a person made.</summary>
/// <param name="Scope">account, or provider.</param>
/// <param name="Target">Key of the receiving provider; empty for the account.</param>
/// <param name="By">Who stopped it.</param>
public sealed record Halt(string Scope, string Target, string Reason, string By, DateTimeOffset At)
{
    internal static Halt Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4));
}

/// <summary>Stops all sending of an account, or its sending to one receiving provider; what waits keeps its place. Takes hold on what is not past DATA: the account's within a second, a provider's within 15.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>halt.invalid</c> or, when lifting, <c>halt.not_found</c>. Both are in the audit log with their reason.</remarks>
public static class HaltSending
{
    /// <param name="Provider">Key such as <c>google</c>; null stops everything.</param>
    /// <param name="Reason">3 to 500 characters.</param>
    public sealed record Input(string Reason, string? Provider = null);

    const int ReasonLengthMin = 3, ReasonLengthMax = 500, ProviderLengthMax = 260;

    const string Insert = """
        insert into delivery.halt (tenant_id, scope, target, reason, actor, at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, scope, target) do update set reason = excluded.reason, actor = excluded.actor, at = excluded.at
        """;

    const string Delete = "delete from delivery.halt where tenant_id = $1 and scope = $2 and target = $3";

    const string Select = "select scope, target, reason, actor, at from delivery.halt where tenant_id = $1 order by scope, target limit 1000";

    public static async Task<Result<Done>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var (reason, provider) = (input.Reason?.Trim() ?? "", input.Provider?.Trim() ?? "");
        if (Unclear(reason) is { } unclear) return unclear;
        if (provider.Length > 0 && !IsKey(provider)) return Problem.Invalid("halt.invalid", new FieldProblem("provider", "Give the key of a receiving provider as routes show it, such as google or mx:example.com."));
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Insert, ct, actor.Tenant, Scope(provider), provider, reason, actor.Label, now);
        await tx.Append(actor, "sending.halted", provider.Length > 0 ? provider : "account", new { reason }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<Done>> Lift(Actor actor, string? provider, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var target = provider?.Trim() ?? "";
        var now = clock.GetUtcNow();
        await using var tx = await db.Begin(actor.Tenant, ct);
        if (target.Contains('\0', StringComparison.Ordinal) || await tx.Execute(Delete, ct, actor.Tenant, Scope(target), target) == 0)
            return new Problem(ProblemKind.NotFound, "halt.not_found", "Nothing of that kind is stopped.");
        await ReleaseHeld.Within(tx, target.Length > 0 ? ["provider_halted"] : ["account_halted"], now, ct);
        await tx.Append(actor, "sending.lifted", target.Length > 0 ? target : "account", new { }, now, ct);
        await tx.Commit(ct);
        return default(Done);
    }

    public static async Task<Result<IReadOnlyList<Halt>>> List(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MessagesRead)) return Actor.Forbidden(Permissions.MessagesRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.List(Select, Halt.Read, ct, actor.Tenant);
    }

    /// <summary>Null when the reason says something.</summary>
    internal static Problem? Unclear(string reason) => reason.Trim().Length is < ReasonLengthMin or > ReasonLengthMax || reason.Contains('\0', StringComparison.Ordinal)
        ? Problem.Invalid("halt.invalid", new FieldProblem("reason", $"Say why, in {ReasonLengthMin} to {ReasonLengthMax} characters: others will read it."))
        : null;

    // A slip of the pen would stop nothing, and say that it did.
    static bool IsKey(string provider) => Provider.All.Any(known => known.Id == provider)
        || (Provider.IsUnknown(provider) && provider.Length <= ProviderLengthMax && !provider.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)));

    static string Scope(string provider) => provider.Length > 0 ? "provider" : "account";

    /// <summary>The stops of an account.</summary>
    public sealed record Halts(IReadOnlyList<Halt> Items);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/sending/halts", async (Actor actor, TenantDb db, CancellationToken ct) => (await List(actor, db, ct)).Match(items => Result<Halts>.Of(new(items)), problem => problem).ToHttp());
        api.MapPost("/sending/halts", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
        api.MapDelete("/sending/halts", async (Actor actor, string? provider, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Lift(actor, provider, db, clock, ct)).ToHttp());
    }
}
