using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Vendors;

/// <summary>Q06: what do vendors commit us to, and what would leaving cost? No direction: it is a sum. Refuses as <see cref="ListVendors"/> does.</summary>
public static class AnswerCommitments
{
    const string Href = "/vendors";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = await ListVendors.Handle(actor, db, clock, ct);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing.</summary>
    public static Answer Say(ListVendors.Output vendors)
    {
        if (vendors.Items.Count == 0) return Answer.Missing("No vendor is known. Name them in the plan (kind Vendor, with cost lines), or load what they billed.", vendors.Plan is null ? "/plans/new" : Href);
        var (priced, migrate, exits) = (vendors.Items.Where(line => line.MonthlyHigh is not null).ToList(), vendors.Items.Where(line => line.Stance == "migrate").ToList(), vendors.Items.Count(line => line.ExitCost is not null));
        var (low, high) = (priced.Sum(line => line.MonthlyLow ?? 0), priced.Sum(line => line.MonthlyHigh ?? 0));
        var sum = vendors.Currency is not { } currency || priced.Count == 0 ? "The plan names no amount for any vendor" : low == high ? $"{priced.Count} vendors commit us to {MinorUnits.Show(high, currency)} a month" : $"{priced.Count} vendors commit us to {MinorUnits.Show(low, currency)} to {MinorUnits.Show(high, currency)} a month";
        var first = vendors.Items.FirstOrDefault(line => line.ExitCost is not null);
        var leaving = first is null ? "what leaving costs is stated for none" : $"leaving is priced for {exits} of {vendors.Items.Count}, first {first.Title}: {first.ExitCost}";
        var moves = migrate.Count == 0 ? "" : $"; to be left: {string.Join(", ", migrate.Select(line => $"{line.Title}{(line.IsOverdue ? $", overdue since {line.Window}" : line.Window is { } by ? $" in {by}" : "")}"))}";
        return new($"{sum}; {leaving}{moves}.", null, vendors.Currency is { } money ? $"{MinorUnits.Show(vendors.Items.Sum(line => line.Spent), money)} spent in this fiscal year" : null, Href, false);
    }
}
