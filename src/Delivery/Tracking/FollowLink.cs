using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Links;

namespace PenguinMails.Delivery.Tracking;

/// <summary>Where a tracked link leads. The target is looked up, never taken from the request, so it cannot be bent to another place.</summary>
public static class FollowLink
{
    /// <summary>Number of the link that no person sees; links of the text stop at 199.</summary>
    public const int Trap = 999;

    static readonly Problem Unknown = new(ProblemKind.NotFound, "link.unknown", "This link is not one of ours, or is cut off. Use the whole link from the message.");

    const string Select = """
        select l.url
        from delivery.message m
        join delivery.link l on l.tenant_id = m.tenant_id and l.content_id = m.content_id and l.number = $3
        where m.tenant_id = $1 and m.id = $2
        """;

    /// <param name="number">0 to 199, or <see cref="Trap"/>, which leads where the first link does.</param>
    /// <param name="isHead">Asked with HEAD: nobody clicked, but it tells who asks.</param>
    /// <returns>An absolute http or https address.</returns>
    public static async Task<Result<Uri>> Handle(string token, int number, bool isHead, string agent, TenantDb db, DeliveryOptions options, TimeProvider clock, CancellationToken ct)
    {
        if (number is < 0 or > short.MaxValue || await Tokens.Resolve(token, TokenPurpose.Link, db, ct) is not { } owner) return Unknown;
        await using var tx = await db.Begin(owner.Tenant, ct);
        var (kind, link) = number == Trap ? (VisitKind.Trap, 0) : (VisitKind.Click, number);
        if (await tx.Maybe(Select, row => row.GetString(0), ct, owner.Tenant, owner.Message, (short)link) is not { } target) return Unknown;
        await RecordVisit.Within(tx, owner.Message, kind, link, isHead, agent, options, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
        return new Uri(target);
    }
}

/// <summary>The pixel of a message was fetched. Says nothing about whether the token is known: the same picture comes for every one.</summary>
public static class SeePixel
{
    /// <summary>A transparent GIF of one pixel (GIF89a).</summary>
    public static ReadOnlyMemory<byte> Picture { get; } = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    const string Exists = """
        select m.address
        from delivery.message m
        join delivery.content c on c.tenant_id = m.tenant_id and c.id = m.content_id and c.tracks_opens
        where m.tenant_id = $1 and m.id = $2
        """;

    public static async Task Handle(string token, bool isHead, string agent, TenantDb db, DeliveryOptions options, TimeProvider clock, CancellationToken ct)
    {
        if (await Tokens.Resolve(token, TokenPurpose.Link, db, ct) is not { } owner) return;
        await using var tx = await db.Begin(owner.Tenant, ct);
        if (await tx.Maybe(Exists, row => row.GetString(0), ct, owner.Tenant, owner.Message) is null) return;
        await RecordVisit.Within(tx, owner.Message, VisitKind.Open, 0, isHead, agent, options, clock.GetUtcNow(), ct);
        await tx.Commit(ct);
    }
}
