using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;

namespace PenguinMails.Fleet.Domains;

/// <summary>How a domain's mail leaves, and from which addresses it could.</summary>
/// <remarks>Refuses with <c>permission.missing</c>, <c>workspace.missing</c> or <c>domain.not_found</c>.</remarks>
public static class ReadTransport
{
    /// <param name="Transport">server: handed to the mailbox's own server. direct: brought to the recipients' servers by this installation.</param>
    /// <param name="SourceAddress">Address that direct mail leaves from; empty leaves it to the system.</param>
    /// <param name="EhloName">Name given in EHLO by direct mail; empty takes the one of this installation.</param>
    /// <param name="ChangedAt">Null while it was never changed.</param>
    /// <param name="Sources">Addresses of this machine that direct mail may leave from.</param>
    public sealed record Output(string Transport, string SourceAddress, string EhloName, DateTimeOffset? ChangedAt, IReadOnlyList<string> Sources);

    const string Select = """
        select transport, source_address, ehlo_name, transport_at
        from fleet.domain
        where tenant_id = $1 and id = $2 and ($3::uuid is null or workspace_id = $3)
        """;

    sealed record Row(string Transport, string Source, string EhloName, DateTimeOffset? At);

    public static async Task<Result<Output>> Handle(Actor actor, DomainId id, TenantDb db, Outbound outbound, CancellationToken ct)
    {
        if (actor.Lacks(Permissions.DomainsRead)) return Actor.Forbidden(Permissions.DomainsRead);
        if (actor.Workspace is not { } workspace) return Actor.WorkspaceMissing;
        await using var tx = await db.Begin(actor.Tenant, ct);
        return await tx.Maybe(Select, Read, ct, actor.Tenant, id, workspace) is { } row
            ? new Output(row.Transport, row.Source, row.EhloName, row.At, [.. Sources(outbound).Select(address => address.ToString())])
            : ListDomains.NotFound;
    }

    /// <summary>Null for a domain whose mail goes through its mailboxes' own servers.</summary>
    internal static async Task<DirectRoute?> Within(TenantTx tx, DomainId id, CancellationToken ct) =>
        await tx.Maybe(Select, Read, ct, tx.Tenant, id, null) is { } row ? DirectRoute.Of(row.Transport, row.Source, row.EhloName) : null;

    /// <summary>Addresses of this machine, but those that lead nowhere else.</summary>
    internal static IEnumerable<IPAddress> Sources(Outbound outbound) => Outbound.OwnAddresses().Where(outbound.MayReach).Where(address => !address.IsIPv6LinkLocal).Distinct();

    /// <summary>What a domain's SPF record must name, so that everything it sends passes.</summary>
    /// <param name="server">The server of ours its mailboxes are on; null for another provider.</param>
    internal static IReadOnlyList<string> SpfTerms(SendingServer? server, DirectRoute? direct, PlatformHosts hosts)
    {
        var platform = $"include:{hosts.Mail}";
        var own = direct?.Source is { } source ? $"{(source.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6")}:{source}" : direct is null ? null : platform;
        return [.. (server?.SpfTerms ?? [platform]).Concat(own is null ? [] : [own]).Distinct()];
    }

    static Row Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.Maybe<DateTimeOffset>(3));

    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/domains/{id}/transport",
        async (Actor actor, DomainId id, TenantDb db, Outbound outbound, CancellationToken ct) => (await Handle(actor, id, db, outbound, ct)).ToHttp());
}
