using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;

namespace PenguinMails.Delivery.Links;

/// <summary>Where a tracked link leads. The target is looked up, never taken from the request, so it cannot be bent to another place.</summary>
public static class FollowLink
{
    static readonly Problem Unknown = new(ProblemKind.NotFound, "link.unknown", "This link is not one of ours, or is cut off. Use the whole link from the message.");

    sealed record Target(string Url, Guid Campaign, Guid Mailbox);

    const string Select = """
        select l.url, m.campaign_id, m.mailbox_id
        from delivery.message m
        join delivery.link l on l.tenant_id = m.tenant_id and l.content_id = m.content_id and l.number = $3
        where m.tenant_id = $1 and m.id = $2
        """;

    const string Mark = "update delivery.message set clicked_at = $3 where tenant_id = $1 and id = $2 and clicked_at is null";

    /// <param name="number">0 to 199.</param>
    /// <param name="counts">False for HEAD requests: nobody clicked.</param>
    /// <returns>An absolute http or https address.</returns>
    public static async Task<Result<Uri>> Handle(string token, int number, bool counts, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        if (number is < 0 or > short.MaxValue || await Tokens.Resolve(token, TokenPurpose.Link, db, ct) is not { } owner) return Unknown;
        await using var tx = await db.Begin(owner.Tenant, ct);
        if (await tx.Maybe(Select, row => new Target(row.GetString(0), row.GetGuid(1), row.GetGuid(2)), ct, owner.Tenant, owner.Message, (short)number) is not { } target) return Unknown;
        var now = clock.GetUtcNow();
        if (counts && await tx.Execute(Mark, ct, owner.Tenant, owner.Message, now) == 1)
            await WriteFact.Within(tx, "clicked", owner.Message, target.Campaign, target.Mailbox, target.Url, now, ct);
        await tx.Commit(ct);
        return new Uri(target.Url);
    }
}
