using PenguinMails.Accounts.Keys;
using PenguinMails.Core;
using PenguinMails.Core.Db;

namespace PenguinMails.Accounts.Members;

/// <summary>How members and API keys of the tenant are called, by the ids that the record of activity names them by.</summary>
/// <remarks>Refuses with <c>permission.missing</c>. Who has left the tenant is not among them.</remarks>
public static class NameActors
{
    const string SelectPeople = """
        select distinct u.id, coalesce(nullif(u.display_name, ''), u.email)
        from accounts.membership m
        join accounts.user_account u on u.id = m.user_id
        where m.tenant_id = $1
        limit 10000
        """;

    const string SelectKeys = "select id, name from accounts.api_key where tenant_id = $1 limit 10000";

    /// <returns>Names by id, such as <c>usr_…</c> and <c>key_…</c>.</returns>
    public static async Task<Result<IReadOnlyDictionary<string, string>>> Handle(Actor actor, TenantDb db, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.MembersRead)) return Actor.Forbidden(Permissions.MembersRead);
        await using var tx = await db.Begin(actor.Tenant, ct);
        var people = await tx.List(SelectPeople, row => (Id: new UserId(row.GetGuid(0)).ToString(), Name: row.GetString(1)), ct, actor.Tenant);
        var keys = await tx.List(SelectKeys, row => (Id: new ApiKeyId(row.GetGuid(0)).ToString(), Name: $"API key {row.GetString(1)}"), ct, actor.Tenant);
        return Result<IReadOnlyDictionary<string, string>>.Of(people.Concat(keys).ToDictionary(one => one.Id, one => one.Name));
    }
}
