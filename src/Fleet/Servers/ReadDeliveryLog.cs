using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Mailboxes;
using PenguinMails.Fleet.Stacks.Native;

namespace PenguinMails.Fleet.Servers;

/// <summary>What the mail server of a node of ours wrote down in a stretch of time.</summary>
/// <param name="Lines">Of Postfix, oldest first, each with its time.</param>
/// <param name="IsWhole">True when the log reaches back before the stretch, nothing of it was left out, and the node's clock goes as ours does.</param>
public sealed record DeliveryLog(string HostName, IReadOnlyList<string> Lines, bool IsWhole);

/// <summary>Reads the delivery log of the node that a mailbox sends through, over SSH. For the program, not for people.</summary>
public static class ReadDeliveryLog
{
    // A message that went past the node stands in no log of it, so a log from a time in which that may have been proves nothing.
    const string Select = """
        select workspace_id, server_id
        from fleet.mailbox m
        where tenant_id = $1 and id = $2 and server_id is not null
          and exists (select from fleet.server s where s.tenant_id = m.tenant_id and s.id = m.server_id and s.stack_kind = 'native' and s.host_name = m.smtp_host)
          and not exists (select from fleet.domain d where d.tenant_id = m.tenant_id and d.id = m.domain_id and (d.transport = 'direct' or d.transport_at > $3))
        """;

    // A clock that goes otherwise would show another stretch than the one asked for.
    static readonly TimeSpan ClockOffMax = TimeSpan.FromMinutes(2);

    sealed record Place(WorkspaceId Workspace, ServerId Server);

    static readonly Problem None = new(ProblemKind.NotFound, NoneCode, "This mailbox does not send through a node of ours.");

    /// <summary>Code of the refusal for mailboxes that send through somebody else's server.</summary>
    public const string NoneCode = "delivery_log.none";

    /// <remarks>Refuses with <c>delivery_log.none</c>, or as <see cref="ServerReach"/> and the machine do.</remarks>
    public static async Task<Result<DeliveryLog>> Handle(
        TenantId tenant, MailboxId mailbox, DateTimeOffset from, DateTimeOffset until, TenantDb db, ServerReach reach, TimeProvider clock, CancellationToken ct)
    {
        HostedMail wanted;
        var actor = Actor.System(tenant);
        await using (var tx = await db.Begin(tenant, ct))
        {
            if (await tx.Maybe(Select, row => new Place(new(row.GetGuid(0)), new(row.GetGuid(1))), ct, tenant, mailbox, from) is not { } place) return None;
            if (await Server.Find(tx, place.Workspace, place.Server, ct) is not { } server) return None;
            (wanted, actor) = (await HostedMail.Read(tx, server, ct), Actor.System(tenant, place.Workspace));
        }

        var session = await reach.Open(actor, wanted.Server, "looking for a message in doubt in the delivery log", db, clock, ct);
        if (session.Problem is { } closed) return closed;
        await using var open = session.Value;
        var read = await new NativeStack(open, wanted.Way).Deliveries(from, until, ct);
        return read.Match<Result<DeliveryLog>>(log => new DeliveryLog(wanted.Server.HostName, log.Lines, log.IsWhole && (log.Clock - clock.GetUtcNow()).Duration() < ClockOffMax), problem => problem);
    }
}
