using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Compliance.Jurisdictions;

/// <summary>What an account asks for where no country is known, or no rule is kept for it.</summary>
public enum UnknownCountry
{
    /// <summary>That the record says where the address came from. The default.</summary>
    Source,

    /// <summary>What the account's own country asks for.</summary>
    Own,

    /// <summary>Express consent that is proven.</summary>
    Strictest,

    /// <summary>Nothing is sent until the country is recorded.</summary>
    Hold,
}

/// <param name="OwnCountry">ISO 3166-1 alpha-2; empty until given. Needed for <see cref="UnknownCountry.Own"/>.</param>
public sealed record ConsentPolicy(UnknownCountry Unknown, string OwnCountry)
{
    public static readonly ConsentPolicy Default = new(UnknownCountry.Source, "");
}

/// <summary>The account's policy changed: what waits for consent is to be asked about again.</summary>
public sealed record ConsentPolicyChanged(DateTimeOffset At);

/// <summary>Reads and changes the account's policy.</summary>
/// <remarks>Refuses with <c>permission.missing</c> or <c>consent_policy.invalid</c>.</remarks>
public static class SetConsentPolicy
{
    const string Select = "select unknown_country, own_country from compliance.consent_policy where tenant_id = $1";

    const string Upsert = """
        insert into compliance.consent_policy (tenant_id, unknown_country, own_country, updated_at)
        values ($1, $2, $3, $4)
        on conflict (tenant_id) do update set unknown_country = excluded.unknown_country, own_country = excluded.own_country, updated_at = excluded.updated_at
        """;

    /// <param name="Unknown">source, own, strictest or hold.</param>
    /// <param name="OwnCountry">Code or name; empty for none.</param>
    public sealed record Input(UnknownCountry Unknown, string OwnCountry = "");

    /// <summary>For a decision in the caller's transaction.</summary>
    public static async Task<ConsentPolicy> Within(TenantTx tx, CancellationToken ct) =>
        await tx.Maybe(Select, row => new ConsentPolicy(Enum.Parse<UnknownCountry>(row.GetString(0), ignoreCase: true), row.GetString(1)), ct, tx.Tenant) ?? ConsentPolicy.Default;

    public static async Task<Result<ConsentPolicy>> Read(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.SuppressionsRead)) return Actor.Forbidden(Permissions.SuppressionsRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await Within(tx, ct);
    }

    public static async Task<Result<ConsentPolicy>> Handle(Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.AccountManage)) return Actor.Forbidden(Permissions.AccountManage);
        var own = input.OwnCountry.Trim().Length == 0 ? "" : Country.Find(input.OwnCountry)?.Code;
        if (own is null) return Problem.Invalid("consent_policy.invalid", new FieldProblem("own_country", "Not a country. Give a code such as DE, or an English name."));
        if (input.Unknown == UnknownCountry.Own && Jurisdiction.Of(own) is null)
            return Problem.Invalid("consent_policy.invalid", new FieldProblem("own_country", "Choose your own country, one for which a rule is kept, or another way to treat unknown countries."));
        var (policy, now) = (new ConsentPolicy(input.Unknown, own), clock.GetUtcNow());
        await using var tx = await db.Begin(actor.Tenant, ct);
        await tx.Execute(Upsert, ct, actor.Tenant, input.Unknown.ToString().ToLowerInvariant(), own, now);
        await tx.Append(actor, "consent_policy.changed", "account", new { unknown = input.Unknown.ToString().ToLowerInvariant(), own }, now, ct);
        await tx.Publish(new ConsentPolicyChanged(now), now, ct);
        await tx.Commit(ct);
        return policy;
    }

    /// <summary>The rules that are kept.</summary>
    public sealed record Rules(IReadOnlyList<Jurisdiction> Items);

    static Result<Rules> ListRules(Actor actor) => actor.Lacks(Permissions.SuppressionsRead) ? Actor.Forbidden(Permissions.SuppressionsRead) : new Rules(Jurisdiction.All);

    internal static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/consent/policy", async (Actor actor, TenantDb db, CancellationToken ct) => (await Read(actor, db, ct)).ToHttp());
        api.MapPut("/consent/policy", async (Actor actor, Input input, TenantDb db, TimeProvider clock, CancellationToken ct) => (await Handle(actor, input, db, clock, ct)).ToHttp());
        api.MapGet("/consent/jurisdictions", (Actor actor) => ListRules(actor).ToHttp());
    }
}
