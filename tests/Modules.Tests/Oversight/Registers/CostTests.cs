using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using PenguinMails.Core;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Budgets;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Vendors;

namespace PenguinMails.Modules.Tests.Oversight.Registers;

/// <summary>Billed costs: read whole or not at all, held against the plan, told apart by line and cost centre.</summary>
public sealed class CostTests(TestDatabase database)
{
    const string Head = "billed_on,vendor,service,cost_line,amount,currency,cost_centre,cogs\n";
    readonly Actor _actor = Actor.System(database.NewTenant());
    static readonly OversightSettings Settings = new((TenantId?)null);

    readonly TestClock _clock = new();

    // A second passes between two words, so that the later one is the newer.
    TimeProvider Clock
    {
        get
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return _clock;
        }
    }

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    Task<Result<LoadCosts.Output>> Load(string csv, Actor? actor = null) => LoadCosts.Handle(actor ?? _actor, new(csv, "bills.csv"), database.Db, Clock, Ct);

    async Task<ReadBudget.Output> Budget(string? month = null, string? centre = null) => (await ReadBudget.Handle(_actor, month, centre, database.Db, Settings, Clock, Ct)).Value;

    async Task<IReadOnlyList<CostRow>> Rows() => (await ListCostRows.Handle(_actor, null, null, null, database.Db, Ct)).Value.Items;

    [Theory]
    [InlineData("2026-02-30,Rack,,servers,1,EUR,,", "line 2", "no date")]
    [InlineData("28.2.2026,Rack,,servers,1,EUR,,", "line 2", "no date")]
    [InlineData("1999-12-31,Rack,,servers,1,EUR,,", "line 2", "before 2000")]
    [InlineData("2026-02-01,Rack,,servers,12.345,EUR,,", "line 2", "no amount")]
    [InlineData("2026-02-01,Rack,,servers,\"1,000\",EUR,,", "line 2", "no amount")]
    [InlineData("2026-02-01,Rack,,servers,1,XXX,,", "line 2", "no currency")]
    [InlineData("2026-02-01,,,servers,1,EUR,,", "line 2", "vendor")]
    [InlineData("2026-02-01,Rack,,servers,1,EUR,,maybe", "line 2", "neither true nor false")]
    [InlineData("2026-02-01,Rack,,servers,1,EUR,,\n2026-02-02,Rack,,servers,1,USD,,", "line 3", "one currency")]
    [InlineData("2026-02-01,\"Rack,,servers,1,EUR,,", "line 2", "quote open")]
    public async Task A_fault_names_its_line_and_nothing_is_kept(string rows, string where, string what)
    {
        var problem = (await Load(Head + rows)).Problem;
        Assert.Equal("cost.invalid", problem?.Code);
        Assert.Contains(problem?.Fields ?? [], field => field.Field == where && field.Detail.Contains(what, StringComparison.Ordinal));
        Assert.Empty(await Rows());
    }

    [Theory]
    [InlineData("billed_on,vendor,amount\n2026-02-01,Rack,1\n", "currency is missing")]
    [InlineData("billed_on,vendor,amount,currency,centre\n2026-02-01,Rack,1,EUR,x\n", "\"centre\" is unknown")]
    [InlineData("billed_on,vendor,amount,currency,amount\n2026-02-01,Rack,1,EUR,1\n", "twice")]
    [InlineData("billed_on,vendor,amount,currency\n", "no row")]
    [InlineData("", "no row")]
    public async Task A_file_without_its_columns_is_refused(string csv, string what) => Assert.Contains(what, string.Join(' ', ((await Load(csv)).Problem?.Fields ?? []).Select(field => field.Detail)), StringComparison.Ordinal);

    [Fact]
    public async Task One_bad_row_among_good_ones_keeps_them_all_out()
    {
        var csv = new StringBuilder(Head);
        for (var i = 0; i < 500; i++) csv.Append(CultureInfo.InvariantCulture, $"2026-02-{1 + (i % 28):00},Rack,,servers,1.5,EUR,,\n");
        csv.Append("soon,Rack,,servers,1,EUR,,\n");
        Assert.Equal("line 502", Assert.Single((await Load(csv.ToString())).Problem?.Fields ?? []).Field);
        Assert.Empty(await Rows());
    }

    [Fact]
    public async Task Ten_megabytes_are_the_most()
    {
        Assert.Equal("cost.too_large", (await Load(new string('x', LoadCosts.OctetsMax + 1))).Problem?.Code);
        Assert.Equal("cost.too_large", (await Load(new string('é', (LoadCosts.OctetsMax / 2) + 1))).Problem?.Code); // Octets count, not characters.
        Assert.Equal("cost.invalid", (await Load(new string('x', LoadCosts.OctetsMax))).Problem?.Code);
    }

    [Fact]
    public async Task An_export_in_FOCUS_is_read_and_its_other_columns_are_left()
    {
        const string csv = "BillingAccountId,ChargePeriodStart,ProviderName,ServiceName,BilledCost,BillingCurrency,x_cogs,Tags\n7,2026-02-03T00:00:00Z,Rack Ltd,Compute,12.50,EUR,true,{}\n";
        var loaded = (await Load(csv)).Value;
        Assert.Equal((1, 1250L, "EUR"), (loaded.Rows, loaded.Total, loaded.Currency));
        var row = Assert.Single(await Rows());
        Assert.Equal((new DateOnly(2026, 2, 3), "Rack Ltd", "Compute", true), (row.BilledOn, row.Vendor, row.Service, row.IsCogs));
    }

    [Fact]
    public async Task The_same_file_counts_once_and_after_a_withdrawal_again()
    {
        const string csv = Head + "2026-02-01,Rack,,servers,1,EUR,,\n";
        var first = (await Load(csv)).Value;
        Assert.Equal("cost.loaded_already", (await Load(csv)).Problem?.Code);
        Assert.True((await WithdrawCosts.Handle(_actor, first.Load, database.Db, Clock, Ct)).IsOk);
        Assert.Empty(await Rows());
        Assert.True((await Load(csv)).IsOk);
        Assert.Single(await Rows());
        Assert.Equal([false, true], (await ListCostLoads.Handle(_actor, null, null, database.Db, Ct)).Value.Items.Select(load => load.WithdrawnAt is not null));
        Assert.Equal("cost.not_found", (await WithdrawCosts.Handle(Actor.System(database.NewTenant()), first.Load, database.Db, Clock, Ct)).Problem?.Code);
    }

    [Fact]
    public async Task An_account_counts_in_one_currency()
    {
        Assert.True((await Load(Head + "2026-02-01,Rack,,servers,1,EUR,,\n")).IsOk);
        Assert.Equal("currency", Assert.Single((await Load(Head + "2026-02-01,Rack,,servers,1,USD,,\n")).Problem?.Fields ?? []).Field);
    }

    [Fact]
    public async Task Lines_are_compared_with_the_plan_and_what_no_plan_names_is_shown()
    {
        await RegisterPlan.Import(_actor, database, clock: Clock);
        await Load(Head + "2026-01-10,Rack Ltd,CPU,servers,1000,EUR,,true\n2026-02-10,rack,CPU,,1300,EUR,,true\n2026-02-11,Rack,Credit,servers,-50,EUR,,true\n2026-02-12,Other GmbH,Things,,250,EUR,north,\n2026-02-13,Pay Inc,,up,40,EUR,north.example,\n2026-03-01,Rack,CPU,servers,9999,EUR,,\n");
        var budget = await Budget();
        Assert.Equal([new DateOnly(2026, 1, 1), new DateOnly(2026, 2, 1)], budget.Months);
        Assert.False(budget.IsOpen);
        var servers = budget.Lines.Single(line => line.Name == "servers");
        Assert.Equal((2250m, 2000m, 250m, 12.5m, true), (servers.Actual, servers.Planned, servers.Delta, servers.DeltaPercent, servers.IsMaterial));
        Assert.Equal(2250 + (10 * 1125m), servers.Forecast);
        Assert.Equal("role:ops", servers.Owner);
        var other = budget.Lines.Single(line => !line.IsPlanned);
        Assert.Equal(("unplanned: Other GmbH", 250m, 0m, true, "not planned"), (other.Name, other.Actual, other.Planned, other.IsMaterial, other.Cause));
        Assert.Equal(40, budget.Lines.Single(line => line.Name == "fees").Actual); // Named by what drives it.
        var north = budget.Centres.Single(centre => centre.Name == "north");
        Assert.Equal((290m, 600m, true), (north.Actual, north.Planned, north.IsMaterial)); // Its domain's fee counts to it; 310 short of 600.
        Assert.Equal(2250, budget.Centres.Single(centre => centre.Name.Length == 0).Actual);
        Assert.Equal([290m], [(await Budget(centre: "north")).Lines.Sum(line => line.Actual)]);
        var running = await Budget("2026-03");
        Assert.True(running.IsOpen && running.Lines.All(line => !line.IsMaterial) && running.Lines.Sum(line => line.Actual) == 9999);
    }

    [Fact]
    public async Task Leaders_questions_are_answered_from_it()
    {
        Assert.True((await AnswerBreaches.Handle(_actor, database.Db, Settings, Clock, Ct)).Value.IsMissing);
        await RegisterPlan.Import(_actor, database, clock: Clock);
        var early = (await Load(Head + "2026-02-10,Rack,CPU,servers,100,EUR,,\n")).Value.Load;
        Assert.Equal("No line is over its budget by 10 % and 100.00 EUR; 2 lines are under, most Servers by 1,900.00 EUR (price, or how much was used).", (await AnswerBreaches.Handle(_actor, database.Db, Settings, Clock, Ct)).Value.Sentence);
        await WithdrawCosts.Handle(_actor, early, database.Db, Clock, Ct);
        await Load(Head + "2026-02-10,Rack,CPU,servers,2400,EUR,,true\n2026-02-12,Pay Inc,,,900,EUR,north,\n");
        var breaches = (await AnswerBreaches.Handle(_actor, database.Db, Settings, Clock, Ct)).Value;
        Assert.StartsWith("Fees is 800.00 EUR over its plan", breaches.Sentence, StringComparison.Ordinal);
        Assert.Contains("next Servers", breaches.Sentence, StringComparison.Ordinal);
        var isolation = (await AnswerIsolation.Handle(_actor, database.Db, Settings, Clock, Ct)).Value;
        Assert.StartsWith("north spent 900.00 EUR of its 600.00 EUR; 2,400.00 EUR belongs to no group; over budget: north", isolation.Sentence, StringComparison.Ordinal);
        var commitments = (await AnswerCommitments.Handle(_actor, database.Db, Clock, Ct)).Value;
        Assert.Contains("commit us to 1,050.00 EUR a month", commitments.Sentence, StringComparison.Ordinal);
        Assert.Contains("Rack Ltd: 2 weeks; to be left: Rack Ltd, overdue since 2026-01", commitments.Sentence, StringComparison.Ordinal);
        var rack = (await ListVendors.Handle(_actor, database.Db, Clock, Ct)).Value.Items[0];
        Assert.Equal(("rack", 1000m, 2400m, true), (rack.Name, rack.MonthlyHigh, rack.Spent, rack.IsOverdue));
    }

    [Fact]
    public async Task Without_permission_nothing_is_loaded_and_others_see_nothing()
    {
        await Load(Head + "2026-02-01,Rack,,servers,1,EUR,,\n");
        var viewer = _actor with { Kind = ActorKind.Person, Permissions = new[] { Permissions.OversightRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await Load(Head + "2026-02-02,Rack,,servers,1,EUR,,\n", viewer)).Problem?.Code);
        Assert.Single((await ListCostRows.Handle(viewer, null, null, null, database.Db, Ct)).Value.Items);
        Assert.Equal("permission.missing", (await ListCostRows.Handle(viewer with { Permissions = FrozenSet<string>.Empty }, null, null, null, database.Db, Ct)).Problem?.Code);
        Assert.Empty((await ListCostRows.Handle(Actor.System(database.NewTenant()), null, null, null, database.Db, Ct)).Value.Items);
    }

    [Fact]
    public async Task Rows_are_paged_by_day()
    {
        await Load(Head + string.Concat(Enumerable.Range(1, 7).Select(day => $"2026-02-{1 + (day / 3):00},Rack,,servers,{day},EUR,,\n")));
        var (seen, cursor) = (new List<long>(), (string?)null);
        do
        {
            var page = (await ListCostRows.Handle(_actor, null, cursor, 3, database.Db, Ct)).Value;
            seen.AddRange(page.Items.Select(row => row.Amount / 100));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen);
        Assert.Equal("cursor.invalid", (await ListCostRows.Handle(_actor, null, Cursor.Encode("soon x 1"), 3, database.Db, Ct)).Problem?.Code);
    }
}
