using PenguinMails.Core;
using PenguinMails.Fleet.Domains;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Margins;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>One customer's month by domain, counted by hand.</summary>
public sealed class DomainSumTests
{
    static readonly DateOnly Month = new(2026, 2, 1);
    static readonly WorkspaceId North = new(Guid.CreateVersion7());
    static readonly Domain A = Made("a.example");
    static readonly Domain B = Made("b.example");

    static Domain Made(string name) => new(new(Guid.CreateVersion7()), North, name, DomainState.Verified, "", "", "", "", null, DateTimeOffset.UnixEpoch);

    static CostRow Bill(string centre, long amount, string currency = "EUR") => new(Guid.CreateVersion7(), 1, Month, "Rack", "", "", amount, currency, centre, true);

    static RevenueLine Paid(DomainId? domain, long amount, string currency = "EUR") => new(Month, "shop", 1, North, domain, amount, currency, "");

    static DomainSplit Split(IReadOnlyList<(DomainId? Domain, long Count)> sent, IReadOnlyList<RevenueLine>? paid = null, params Domain[] domains)
    {
        // 300 name a.example, 101 the workspace, and 600 are its part of what is shared.
        CostRow[] direct = [Bill("a.example", 300), Bill("North", 101)];
        var line = new MarginLine(North, "North", paid?.Where(one => one.Currency == "EUR").Sum(one => one.Amount), 401, 1, 600, paid?.Count(one => one.Currency != "EUR") ?? 0);
        return DomainSums.Of(new Customer(North, "North", DateTimeOffset.UnixEpoch, null, domains), line, paid ?? [], direct, sent.ToLookup(one => one.Domain, one => one.Count), "EUR");
    }

    [Fact]
    public void Costs_that_name_no_domain_are_shared_by_messages_sent_and_nothing_is_lost()
    {
        var split = Split([(A.Id, 100), (B.Id, 200), (B.Id, 50), (null, 50)], [Paid(A.Id, 2_000), Paid(null, 700)], A, B);
        Assert.Equal((701L, true, 700L, 3), (split.ToShare, split.IsShared, split.Unattributed, split.Domains));
        // 701 by 100, 250 and 50 of 400: 175.25, 438.125 and 87.625.
        Assert.Equal([("a.example", 100L, 300L, 175L, (long?)2_000), ("b.example", 250L, 0L, 438L, null), ("", 50L, 0L, 88L, null)], split.Lines.Select(one => (one.Name, one.Sent, one.Direct, one.Shared, one.Revenue)));
        Assert.Equal([1_525L, null, null], split.Lines.Select(one => one.Margin));
        Assert.Null(Split([], [Paid(A.Id, 2_000), Paid(B.Id, 5, "USD")], A, B).Lines[0].Margin); // Of two currencies nothing whole is told.
        Assert.Equal(1_001, split.Lines.Sum(one => one.Costs));
    }

    [Fact]
    public void Without_a_message_sent_the_rest_is_no_single_domains()
    {
        var split = Split([], null, A, B);
        Assert.Equal((701L, false, 0L), (split.ToShare, split.IsShared, split.Unattributed));
        Assert.Equal([300L, 0L], split.Lines.Select(one => one.Costs));
    }

    [Fact]
    public void Only_the_dearest_are_told_and_all_are_counted()
    {
        Domain[] many = [.. Enumerable.Range(0, DomainSums.LinesMax + 1).Select(i => Made($"d{i}.example"))];
        var split = Split([.. many.Select((one, i) => ((DomainId?)one.Id, i == 0 ? 0L : 1L))], null, many); // The first sent nothing, so it bears nothing.
        Assert.Equal((DomainSums.LinesMax, DomainSums.LinesMax + 1), (split.Lines.Count, split.Domains));
        Assert.DoesNotContain(split.Lines, one => one.Name == "d0.example");
    }
}
