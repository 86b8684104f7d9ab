using PenguinMails.Core;

namespace PenguinMails.Delivery.Pacing;

/// <summary>What a tenant would send at once if it were alone.</summary>
/// <param name="Waiting">Messages that could go now, 0 or more. A lower bound of a few rounds' worth is enough: nobody must count a million rows.</param>
/// <param name="Weight">Its part beside the others, at least 1.</param>
public sealed record Demand(TenantId Tenant, long Waiting, int Weight);

/// <summary>Divides places between tenants: the one with a million rows gets as much as the one with a hundred, and what some do not need goes to the others.</summary>
/// <remarks>Weighted max-min fairness, which is what deficit round robin reaches over many rounds (Shreedhar and Varghese 1995); fractions of a place are carried from round to round as a deficit.
/// A tenant that has nothing waiting loses its deficit: nobody saves up. Never leaves a place empty while somebody waits. Not safe for several threads.</remarks>
public sealed class FairShares
{
    const double Slack = 1e-9;

    Dictionary<TenantId, double> _deficits = [];

    /// <param name="demands">Each tenant once.</param>
    /// <param name="places">0 or more.</param>
    /// <returns>Places of each tenant that gets any; they add up to what is asked for, at most <paramref name="places"/>.</returns>
    public Dictionary<TenantId, int> Divide(IReadOnlyCollection<Demand> demands, int places)
    {
        var waiting = demands.Where(demand => demand.Waiting > 0).ToList();
        var total = (int)Math.Min(places, waiting.Aggregate(0L, (sum, demand) => Math.Min(places, sum + Math.Min(places, demand.Waiting))));
        var due = Shares(waiting, total);
        foreach (var demand in waiting) due[demand.Tenant] += _deficits.GetValueOrDefault(demand.Tenant);
        var given = Whole(waiting, due, total);
        _deficits = waiting.ToDictionary(demand => demand.Tenant, demand => Math.Clamp(due[demand.Tenant] - given.GetValueOrDefault(demand.Tenant), -demand.Weight, demand.Weight));
        return given;
    }

    // Water-filling: who needs less than an equal part of what is left gets all of it, the others share the rest.
    static Dictionary<TenantId, double> Shares(List<Demand> waiting, int total)
    {
        var shares = new Dictionary<TenantId, double>(waiting.Count);
        double left = total, weights = waiting.Sum(demand => (double)demand.Weight);
        foreach (var demand in waiting.OrderBy(demand => (double)demand.Waiting / demand.Weight))
        {
            var share = Math.Min(demand.Waiting, left * demand.Weight / weights);
            shares[demand.Tenant] = share;
            left -= share;
            weights -= demand.Weight;
        }

        return shares;
    }

    // Whole places first, then one each to whom most is owed.
    static Dictionary<TenantId, int> Whole(List<Demand> waiting, Dictionary<TenantId, double> due, int total)
    {
        var given = new Dictionary<TenantId, int>();
        var left = total;
        foreach (var demand in waiting.OrderByDescending(demand => due[demand.Tenant]))
        {
            var whole = (int)Math.Min(Math.Min(left, demand.Waiting), Math.Max(0, Math.Floor(due[demand.Tenant] + Slack)));
            if (whole > 0) given[demand.Tenant] = whole;
            left -= whole;
        }

        while (left > 0)
        {
            // One round is enough unless a clamp forgot part of a deficit.
            foreach (var demand in waiting.Where(demand => given.GetValueOrDefault(demand.Tenant) < demand.Waiting)
                .OrderByDescending(demand => due[demand.Tenant] - given.GetValueOrDefault(demand.Tenant)).Take(left).ToList())
            {
                given[demand.Tenant] = given.GetValueOrDefault(demand.Tenant) + 1;
                left--;
            }
        }

        return given;
    }
}
