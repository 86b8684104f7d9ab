using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Core.Db;
using PenguinMails.Insight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Costs;

namespace PenguinMails.Oversight.Margins;

/// <summary>Q03: what does a customer cost and earn? Refuses as <see cref="ReadMargins"/> does.</summary>
public static class AnswerMargins
{
    const string Href = "/margins";

    public static async Task<Result<Answer>> Handle(Actor actor, TenantDb db, TimeProvider clock, CancellationToken ct)
    {
        var read = await ReadMargins.Handle(actor, null, default, null, db, clock, ct);
        if (read.Problem is { Kind: ProblemKind.TooLarge } large) return Answer.Missing(large.Detail, Href);
        return read.Problem is { } problem ? problem : Say(read.Value);
    }

    /// <summary>The same from what was read already; reads nothing. Told of is the customer who earns most.</summary>
    public static Answer Say(ReadMargins.Output margins)
    {
        var (now, month) = (margins.Now, margins.Now.Month.ToString("MMMM yyyy", CultureInfo.InvariantCulture));
        if (!now.HasRevenue) return Answer.Missing($"No revenue is loaded for {month}, so no margin can be told. Load a CSV (month,workspace,amount,currency) on this page or with penguin revenue load.", Href);
        var told = now.Lines.Where(line => line.Margin is not null).ToList();
        if (margins.Currency is not { } currency || told.Count == 0) return Answer.Missing($"What is loaded for {month} is in another currency than {margins.Currency}, which cannot be added up. Load it in {margins.Currency}.", Href);
        if (!now.HasCosts) return Answer.Missing($"No cost is loaded for {month}, so no margin can be told. Load what was billed (penguin cost load).", "/budget?view=files");
        var most = told.MaxBy(line => line.Revenue) ?? told[0];
        var losses = told.Count(line => line.IsLoss);
        var count = losses == 0 ? told.Count == 1 ? "" : $" None of {told.Count} customers costs more than it earns." : told.Count == 1 ? " It costs more than it earns." : $" {losses} of {told.Count} customers cost{(losses == 1 ? "s" : "")} more than {(losses == 1 ? "it earns" : "they earn")}.";
        var missing = now.Lines.Count(line => line.Margin is null);
        return new($"{most.Name} earned {Show(most.Revenue.GetValueOrDefault(), currency)} and cost {Show(most.Costs, currency)} in {month}{(most.MarginPercent is { } percent ? string.Create(CultureInfo.InvariantCulture, $": a margin of {percent:0} %") : "")}.{count}{(missing > 0 ? $" Of {missing} more no margin can be told." : "")}{Unshared(now, currency)}",
            losses > 0 ? Direction.Worsening : null, $"{Show(now.Lines.Sum(line => line.Costs), currency)} of costs in all; {Basis(margins)}", Href, false);
    }

    /// <summary>"31.00 EUR of costs is shared by mailboxes held today, 12 in all".</summary>
    public static string Basis(ReadMargins.Output margins) => margins.Currency is not { } currency ? "no costs" : string.Create(CultureInfo.InvariantCulture, $"{Show(margins.Now.SharedTotal, currency)} of costs is shared by {Word(margins.Key)}, {margins.Now.Denominator:N0} in all");

    /// <summary>What a key counts.</summary>
    public static string Word(AllocationKey key) => key switch
    {
        AllocationKey.Mailboxes => "mailboxes held today",
        AllocationKey.Messages => "messages sent in the month",
        AllocationKey.Domains => "domains held today",
        AllocationKey.Equal => "customers, all alike",
    };

    static string Unshared(MarginMonth month, string currency) => month.IsShared ? "" : $" {Show(month.SharedTotal, currency)} of shared costs is in no margin, because nobody has any of what it is shared by: choose another key.";

    static string Show(long amount, string currency) => MinorUnits.Show(amount / MinorUnits.Scale(currency), currency);
}
