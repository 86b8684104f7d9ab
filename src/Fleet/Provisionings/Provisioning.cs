using Npgsql;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Fleet.Dns;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Servers;
using PenguinMails.Fleet.TestMails;
using PenguinMails.Fleet.Walks;

namespace PenguinMails.Fleet.Provisionings;

public readonly record struct ProvisioningId(Guid Value) : ITypedId<ProvisioningId>
{
    public static string Prefix => "prv";
    public static ProvisioningId From(Guid value) => new(value);
    public override string ToString() => TypedId.Show(this);
    public static bool TryParse(string? text, IFormatProvider? _, out ProvisioningId id) => TypedId.TryParse(text, out id);
}

/// <summary>A mailbox that shall be there in the end.</summary>
/// <param name="Local">What stands before the @.</param>
public sealed record WantedMailbox(string Local, string DisplayName);

/// <summary>The walk from a domain name to mailboxes that send. Its states are drawn in docs/states/provisioning.md.</summary>
/// <param name="State">running, stopped (waits for a person to go on), undoing, ready or cancelled.</param>
/// <param name="HasMadeDomain">The domain was not in the account before, so undoing removes it.</param>
public sealed record Provisioning(
    ProvisioningId Id, WorkspaceId WorkspaceId, string State, string DomainName, IReadOnlyList<WantedMailbox> Mailboxes, ServerId ServerId, DomainId? DomainId, DnsPlanId? DnsPlanId, TestMailId? TestMailId,
    bool HasMadeDomain, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt, IReadOnlyList<WalkStep> Steps)
{
    /// <summary>In the order they are taken; undone in the other.</summary>
    public static readonly IReadOnlyList<string> StepNames = ["server", "domain", "stack", "dns", "ptr", "certificate", "dkim", "mailbox", "test_mail"];

    internal static readonly Problem NotFound = new(ProblemKind.NotFound, "provisioning.not_found", "There is no such provisioning in this workspace.");

    /// <summary>Milliseconds of this installation's own time so far.</summary>
    public long PlatformMs => Steps.Sum(step => step.PlatformMs);

    /// <summary>Milliseconds spent waiting for people outside.</summary>
    public long CustomerMs => Steps.Sum(step => step.CustomerMs);

    /// <summary>The step at work or next; null when all are done.</summary>
    public WalkStep? Current => Steps.FirstOrDefault(step => step.State is not ("done" or "undone"));

    internal sealed record Wish(string Domain, IReadOnlyList<WantedMailbox> Mailboxes);

    const string Select = """
        select id, workspace_id, state, wish, server_id, domain_id, dns_plan_id, test_mail_id, has_made_domain, created_at, ended_at
        from fleet.provisioning
        where tenant_id = $1 and workspace_id = $2 and id = $3
        """;

    /// <summary>Null when the workspace has no such provisioning.</summary>
    internal static async Task<Provisioning?> Find(TenantTx tx, WorkspaceId workspace, ProvisioningId id, CancellationToken ct) =>
        await tx.Maybe(Select, Read, ct, tx.Tenant, workspace, id) is { } found
            ? found with { Steps = await WalkStep.Of(tx, id.Value, StepNames, ct) }
            : null;

    /// <summary>Without its steps.</summary>
    internal static Provisioning Read(NpgsqlDataReader row)
    {
        var wish = Json.Read<Wish>(row.GetString(3));
        return new Provisioning(new(row.GetGuid(0)), new(row.GetGuid(1)), row.GetString(2), wish.Domain, wish.Mailboxes, new(row.GetGuid(4)),
            row.Maybe<Guid>(5) is { } domain ? new DomainId(domain) : null, row.Maybe<Guid>(6) is { } plan ? new DnsPlanId(plan) : null, row.Maybe<Guid>(7) is { } mail ? new TestMailId(mail) : null,
            row.GetBoolean(8), row.GetFieldValue<DateTimeOffset>(9), row.Maybe<DateTimeOffset>(10), []);
    }
}
