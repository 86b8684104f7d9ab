using System.Collections.Frozen;
using PenguinMails.Core;
using PenguinMails.Insight;
using PenguinMails.Oversight.Costs;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Modules.Tests.Oversight.Reports;

/// <summary>A report is a function of plan version and data cut: built again it is the same, whatever was learnt since.</summary>
public sealed class BuildReportTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_plan_and_data_cut_give_the_same_octets_also_after_newer_values_and_verdicts()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        world.Clock.Advance(TimeSpan.FromHours(1));
        var first = (await world.Build()).Value;
        var second = (await world.Build(cut: first.DataCut)).Value;
        Assert.Equal(first.Sha256, second.Sha256);
        var (html, csv) = (ReportHtml.Document(await world.Model(first)), ReportCsv.Write(await world.Model(first)));

        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Load("mrr", ReportWorld.Months(24, i => 30_000 - 200 * i), "USD"); // Every month is another now, and the verdict with it.
        await world.Import(ReportWorld.Plan.Replace("value: 60000", "value: 70000", StringComparison.Ordinal));
        var again = (await world.Again(first)).Value;
        Assert.True(again.IsSame, again.Why);
        var third = (await world.Build(cut: first.DataCut)).Value;
        Assert.Equal(html, ReportHtml.Document(await world.Model(third)));
        Assert.Equal(csv, ReportCsv.Write(await world.Model(third)));

        var now = (await world.Build()).Value;
        Assert.NotEqual(first.Sha256, now.Sha256);
        Assert.NotEqual(first.PlanSha256, now.PlanSha256);
        Assert.Contains((await world.Model(now)).Rows, row => row is { Kpi: "mrr", Direction: Direction.Worsening } || row is { Kpi: "mrr", Actual: < 26_000 });
        Assert.Equal(html, ReportHtml.Document(await world.Model(first))); // The archive says what it said.
    }

    [Fact]
    public async Task The_board_page_has_every_part()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        var model = await world.Model((await world.Build()).Value);
        Assert.Equal("February 2026", model.Header.Period);
        Assert.Equal(["situation", "change", "cause", "outlook", "ask"], model.Narrative.Select(sentence => sentence.Part));
        Assert.InRange(model.Rows.Count, 10, ReportRows.Max);
        Assert.Equal(["mrr", "uptime"], model.Rows.Take(2).Select(row => row.Kpi).Order()); // What the plan asks for comes first.
        var revenue = model.Rows.Single(row => row.Kpi == "mrr");
        Assert.Equal((24, 38_350.0, false), (revenue.Trend.Count, revenue.Actual, revenue.DeltaIsGood));
        Assert.Equal("mrr@2026-02-01", revenue.Verdict);
        Assert.Null(revenue.Low); // A trend is claimed, so the limits of its end do not hold for its beginning.
        Assert.Equal(Direction.Worsening, model.Rows.Single(row => row.Kpi == "uptime").Direction);
        Assert.Contains("uptime@2026-02-23", model.Narrative.Single(sentence => sentence.Part == "change").Verdicts); // A week belongs to the month it begins in.
        Assert.Equal((1, 1), (model.Plan?.Counts.Single(count => count.Word == "done").Count, model.Plan?.Counts.Single(count => count.Word == "slipped").Count));
        Assert.Contains("trigger is met", Assert.Single(model.Risks).Distance, StringComparison.Ordinal);
        Assert.Contains(model.Asks, ask => ask.Contains("second provider", StringComparison.Ordinal));
        Assert.Equal("none to count yet", model.Footer.HitRate);
        Assert.Equal(0, model.Bridge?.Residue); // 37,100 + 2,400 + 700 + 120 − 310 − 1,660 = 38,350.
    }

    [Fact]
    public async Task Money_by_line_is_what_was_billed_when_the_data_was_cut()
    {
        const string Head = "billed_on,vendor,service,cost_line,amount,currency,cost_centre,cogs\n";
        var world = new ReportWorld(database);
        await world.Import(ReportWorld.Plan + "\n---\nkind: CostLine\nmetadata: {name: servers, title: Servers}\nspec: {amount: {value: 400, unit: USD/month}}\n");
        var empty = await world.Model((await world.Build(ReportKind.Finance)).Value);
        Assert.Empty(empty.Budget);
        Assert.Contains("no variance by line", empty.BudgetMissing, StringComparison.Ordinal);

        world.Clock.Advance(TimeSpan.FromHours(1));
        var bill = (await LoadCosts.Handle(world.Actor, new(Head + "2026-02-10,Rack,,servers,520.50,USD,,\n", "bills.csv"), database.Db, world.Clock, Ct)).Value.Load;
        world.Clock.Advance(TimeSpan.FromHours(1));
        var report = (await world.Build(ReportKind.Finance)).Value;
        var line = Assert.Single((await world.Model(report)).Budget);
        Assert.Equal(("Servers", "USD", 520.50, 400.0), (line.Line, line.Currency, line.Actual, line.Planned));

        world.Clock.Advance(TimeSpan.FromHours(1));
        await LoadCosts.Handle(world.Actor, new(Head + "2026-02-11,Rack,,servers,90,USD,,\n", "late.csv"), database.Db, world.Clock, Ct);
        await WithdrawCosts.Handle(world.Actor, bill, database.Db, world.Clock, Ct);
        Assert.True((await world.Again(report)).Value.IsSame);
        Assert.Equal(90, Assert.Single((await world.Model((await world.Build(ReportKind.Finance)).Value)).Budget).Actual);
    }

    [Fact]
    public async Task Outlooks_of_earlier_reports_are_counted_when_their_period_is_closed()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        var march = await world.Build();
        Assert.Contains((await world.Model(march.Value)).Outlooks, outlook => outlook is { Kpi: "mrr", Start: { Year: 2026, Month: 3 } });
        world.Clock.Advance(TimeSpan.FromDays(35));
        await world.Load("mrr", "start,value\n2026-03-01,39500\n", "USD");
        Assert.StartsWith("1 of 1 held", (await world.Model((await world.Build()).Value)).Footer.HitRate, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_without_anything_gets_a_report_that_says_so()
    {
        var world = new ReportWorld(database);
        var model = await world.Model((await world.Build()).Value);
        Assert.Empty(model.Rows);
        Assert.Contains("No figure has a closed period", model.Narrative[0].Text, StringComparison.Ordinal);
        Assert.Contains("There is no plan yet", ReportHtml.Document(model), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_read_reads_and_who_may_not_write_the_plan_builds_nothing()
    {
        var world = new ReportWorld(database);
        var report = (await world.Build()).Value;
        var viewer = world.Actor with { Kind = ActorKind.Person, Permissions = new[] { Permissions.OversightRead }.ToFrozenSet() };
        Assert.True((await ReadReport.Handle(viewer, report.Id, database.Db, Ct)).IsOk);
        Assert.Equal("permission.missing", (await BuildReport.Handle(viewer, new(ReportKind.Board), database.Db, world.Company, world.Clock, Ct)).Problem?.Code);
        var nobody = viewer with { Permissions = FrozenSet<string>.Empty };
        Assert.Equal("permission.missing", (await ReadReport.Handle(nobody, report.Id, database.Db, Ct)).Problem?.Code);
        Assert.Equal("permission.missing", (await ListReports.Handle(nobody, null, null, null, database.Db, Ct)).Problem?.Code);
        var stranger = Actor.System(database.NewTenant());
        Assert.Equal("report.not_found", (await ReadReport.Handle(stranger, report.Id, database.Db, Ct)).Problem?.Code);
        Assert.Empty((await ListReports.Handle(stranger, null, null, null, database.Db, Ct)).Value.Items);
    }

    [Theory]
    [InlineData("2026-03-02", true)] // A month that runs is built so far.
    [InlineData("2026-04-01", false)]
    [InlineData("2026-02-11", true)]
    public async Task A_period_that_has_not_begun_is_refused(string day, bool isBuilt)
    {
        var built = await new ReportWorld(database).Build(period: DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(isBuilt, built.IsOk);
        if (!isBuilt) Assert.Equal("report.invalid", built.Problem?.Code);
    }

    [Fact]
    public async Task The_list_is_paged_newest_first()
    {
        var world = new ReportWorld(database);
        for (var i = 0; i < 3; i++)
        {
            await world.Build();
            world.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var first = (await ListReports.Handle(world.Actor, ReportKind.Board, null, 2, database.Db, Ct)).Value;
        var rest = (await ListReports.Handle(world.Actor, null, first.NextCursor, 2, database.Db, Ct)).Value;
        Assert.Equal((2, 1, null), (first.Items.Count, rest.Items.Count, rest.NextCursor));
        Assert.True(first.Items[0].BuiltAt > first.Items[1].BuiltAt && first.Items[1].BuiltAt > rest.Items[0].BuiltAt);
        Assert.Empty((await ListReports.Handle(world.Actor, ReportKind.Weekly, null, null, database.Db, Ct)).Value.Items);
    }
}
