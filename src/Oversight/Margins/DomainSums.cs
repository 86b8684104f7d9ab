using PenguinMails.Fleet.Domains;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Margins;

/// <summary>What one domain of a customer cost and earned in a month, in minor units of the currency.</summary>
/// <param name="Domain">Null for mailboxes whose domain is none of the account.</param>
/// <param name="Sent">Messages of its mailboxes in the month.</param>
/// <param name="Direct">Costs whose cost centre is the domain.</param>
/// <param name="Shared">Its part, by messages sent, of what the customer bears without naming a domain.</param>
/// <param name="Revenue">Of lines that name the domain; null when none does, and then it cannot be told.</param>
/// <param name="IsWhole">False when the customer has lines in another currency, which nothing here can add up; then no margin is told.</param>
public sealed record DomainMargin(DomainId? Domain, string Name, long Sent, long Direct, long Shared, long? Revenue, bool IsWhole)
{
    public long Costs => Direct + Shared;

    /// <summary>Null while no revenue names it.</summary>
    public long? Margin => IsWhole ? Revenue - Costs : null;
}

/// <param name="Lines">Dearest first, at most 500.</param>
/// <param name="Domains">How many there are.</param>
/// <param name="ToShare">What the customer bears without naming a domain.</param>
/// <param name="IsShared">False when nothing was sent, so that it is no single domain's.</param>
/// <param name="Unattributed">Revenue of lines that name no domain.</param>
public sealed record DomainSplit(IReadOnlyList<DomainMargin> Lines, int Domains, long ToShare, bool IsShared, long Unattributed);

/// <summary>Splits a customer's month by domain, without a unit lost. Pure.</summary>
static class DomainSums
{
    /// <summary>Domains that are told of.</summary>
    public const int LinesMax = 500;

    /// <param name="sent">Messages by domain; those of no domain under null.</param>
    public static DomainSplit Of(Customer customer, MarginLine line, IReadOnlyList<RevenueLine> revenue, IReadOnlyList<CostRow> direct, ILookup<DomainId?, long> sent, string currency)
    {
        var names = new CustomerNames([customer]);
        var billed = direct.Where(row => row.Currency == currency).ToLookup(row => names.Workspace(row.CostCentre) is null ? names.Domain(row.CostCentre)?.Domain : null, row => row.Amount);
        var earned = revenue.Where(one => one.Currency == currency).ToLookup(one => one.Domain, one => one.Amount);
        List<(DomainId? Id, string Name)> all = [.. customer.Domains.Select(one => ((DomainId?)one.Id, one.Name)), .. sent[null].Any() ? [(null, "")] : Array.Empty<(DomainId?, string)>()];
        var toShare = line.Costs - customer.Domains.Sum(one => billed[one.Id].Sum());
        var parts = Allocation.Share(toShare, [.. all.Select(one => sent[one.Id].Sum())]);
        var lines = all.Select((one, at) => new DomainMargin(one.Id, one.Name, sent[one.Id].Sum(), one.Id is null ? 0 : billed[one.Id].Sum(), parts?[at] ?? 0, one.Id is not null && earned[one.Id].Any() ? earned[one.Id].Sum() : null, line.LeftOut == 0))
            .OrderByDescending(one => one.Costs).ThenBy(one => one.Name, StringComparer.Ordinal).Take(LinesMax);
        return new([.. lines], all.Count, toShare, parts is not null || toShare == 0, (line.Revenue ?? 0) - customer.Domains.Sum(one => earned[one.Id].Sum()));
    }
}
