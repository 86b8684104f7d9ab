using PenguinMails.Accounts.Tenants;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Delivery.Messages;
using PenguinMails.Fleet.Domains;
using PenguinMails.Fleet.Mailboxes;

namespace PenguinMails.Oversight.Margins;

/// <summary>By what costs that name no customer are shared.</summary>
/// <remarks>Mailboxes and domains are counted as they are today, messages as they were sent in the month.</remarks>
public enum AllocationKey { Mailboxes, Messages, Domains, Equal }

/// <summary>A workspace, and what in it can bear costs.</summary>
sealed record Customer(WorkspaceId Id, string Name, DateTimeOffset Since, DateTimeOffset? Until, IReadOnlyList<Domain> Domains, long Mailboxes = 0)
{
    /// <summary>Workspaces that are read; of an account with more nothing is said.</summary>
    public const int Max = 1_000;

    /// <summary>There in some part of a month.</summary>
    public bool IsIn(DateOnly month) => Since < Midnight(month.AddMonths(1)) && (Until is null || Until >= Midnight(month));

    /// <summary>Every workspace of the account, oldest first.</summary>
    public static async Task<Result<List<Customer>>> All(TenantId tenant, TenantDb db, CancellationToken ct)
    {
        var workspaces = await Pages(Max, cursor => ListWorkspaces.Handle(Actor.System(tenant), cursor, Cursor.LimitMax, db, ct));
        if (workspaces.Count >= Max) return new Problem(ProblemKind.TooLarge, "margin.too_many", $"Margins are told for fewer than {Max:N0} workspaces.");
        await using var tx = await db.Begin(tenant, ct);
        var held = await ReadHoldings.Within(tx, ct);
        return workspaces.ConvertAll(one => new Customer(one.Id, one.Name, one.CreatedAt, one.ArchivedAt, [.. held.Domains[one.Id]], held.Mailboxes.GetValueOrDefault(one.Id)));
    }

    /// <summary>What each customer weighs by a key in a month; who weighs nothing may be missing.</summary>
    public static async Task<IReadOnlyDictionary<WorkspaceId, long>> Weights(IReadOnlyList<Customer> all, AllocationKey key, DateOnly month, TenantId tenant, TenantDb db, CancellationToken ct)
    {
        if (key != AllocationKey.Messages) return all.ToDictionary(one => one.Id, one => key switch { AllocationKey.Mailboxes => one.Mailboxes, AllocationKey.Domains => one.Domains.Count, _ => 1L });
        await using var tx = await db.Begin(tenant, ct);
        return await ReadSentByWorkspace.Within(tx, month, ct);
    }

    static async Task<List<T>> Pages<T>(int most, Func<string?, Task<Result<Page<T>>>> read)
    {
        var (all, cursor) = (new List<T>(), (string?)null);
        do
        {
            var page = (await read(cursor)).Match(found => found, Refused<Page<T>>);
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null && all.Count < most);
        return all;
    }

    static T Refused<T>(Problem problem) => throw new InvalidOperationException(problem.Detail);

    static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}

/// <summary>Finds a customer by what people write: name or id of a workspace, or of one of its domains.</summary>
sealed class CustomerNames
{
    readonly Dictionary<string, (WorkspaceId Workspace, DomainId? Domain)> _workspaces = new(StringComparer.Ordinal);
    readonly Dictionary<string, (WorkspaceId Workspace, DomainId? Domain)> _domains = new(StringComparer.OrdinalIgnoreCase);

    public CustomerNames(IEnumerable<Customer> customers)
    {
        foreach (var one in customers)
        {
            _workspaces[one.Name] = _workspaces[one.Id.ToString()] = (one.Id, null);
            foreach (var domain in one.Domains) _domains[domain.Name] = _domains[domain.Id.ToString()] = (one.Id, domain.Id);
        }
    }

    public (WorkspaceId Workspace, DomainId? Domain)? Workspace(string text) => _workspaces.TryGetValue(text, out var found) ? found : null;

    public (WorkspaceId Workspace, DomainId? Domain)? Domain(string text) => _domains.TryGetValue(text, out var found) ? found : null;

    public (WorkspaceId Workspace, DomainId? Domain)? Any(string text) => Workspace(text) ?? Domain(text);
}
