using System.Collections.Frozen;
using System.Globalization;
using PenguinMails.Core;
using PenguinMails.Insight;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Plans;

namespace PenguinMails.Modules.Tests.Oversight.Kpis;

/// <summary>Values that come from outside: read whole or not at all, judged at once, and never mixed up.</summary>
public sealed class LoadKpiTests(TestDatabase database)
{
    readonly Actor _actor = Actor.System(database.NewTenant());

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    OversightSettings Company => new(_actor.Tenant);

    Task<Result<LoadKpi.Output>> Load(string kpi, string csv, string? currency = null, OversightSettings? settings = null, Actor? actor = null) =>
        LoadKpi.Handle(actor ?? _actor, kpi, new(csv, "numbers.csv", currency), database.Db, settings ?? Company, database.Clock, Ct);

    async Task<ReadKpi.Output> Read(string kpi) => (await ReadKpi.Handle(_actor, kpi, database.Db, Company, database.Clock, Ct)).Value;

    // The database's clock stands at 2 March 2026, a Monday.
    static string Weeks(int count, Func<int, string> cells) => "start,num,den\n" + string.Concat(Enumerable.Range(0, count).Select(i =>
        string.Create(CultureInfo.InvariantCulture, $"{new DateOnly(2026, 2, 23).AddDays(7 * (i - count + 1)):yyyy-MM-dd},{cells(i)}\n")));

    [Fact]
    public async Task Values_are_kept_with_their_file_and_line_and_judged_at_once()
    {
        var loaded = (await Load("uptime", Weeks(30, i => $"{9_900 + 3 * i},10000"))).Value;
        Assert.Equal((30, 30), (loaded.Rows, loaded.Changed));
        var read = await Read("uptime");
        Assert.Equal(Direction.Improving, read.Verdict?.Announced);
        Assert.Contains("improving", read.Verdict?.Sentence, StringComparison.Ordinal);
        Assert.Equal((9_987L, 10_000L), (read.Values[^1].Numerator, read.Values[^1].Denominator));
        Assert.Equal(("numbers.csv", 31), (read.Origins[0].File, read.Origins[0].Line));
        Assert.Equal(0, (await Load("uptime", Weeks(30, i => $"{9_900 + 3 * i},10000"))).Value.Changed); // The same again changes nothing …
        Assert.Single((await Read("uptime")).Verdicts); // … and is no second evaluation.
    }

    [Fact]
    public async Task Too_little_says_what_is_missing_and_when_it_is_there()
    {
        await Load("uptime", Weeks(5, _ => "9990,10000"));
        var verdict = (await Read("uptime")).Verdict;
        Assert.Equal((Direction.NotEnoughData, 7), (verdict?.Announced, verdict?.PointsMissing));
        Assert.Equal(new DateOnly(2026, 4, 20), verdict?.OpensOn);
    }

    [Theory]
    [InlineData("start,num,den\n2026-02-24,1,2\n", "line 2", "no Monday")]
    [InlineData("start,num,den\n2026-03-09,1,2\n", "line 2", "not begun")]
    [InlineData("start,num,den\n2026-02-23,3,2\n", "line 2", "more hits")]
    [InlineData("start,num,den\n2026-02-23,1,2\n2026-02-23,1,2\n", "line 3", "twice")]
    [InlineData("start,num,den\n2026-02-16,1,2\n23.2.2026,1,2\n", "line 3", "no date")]
    [InlineData("start,num,den\n2026-02-23,1.5,2\n", "line 2", "whole number")]
    [InlineData("start,num,den\n2026-02-23,1\n", "line 2", "3 cells")]
    [InlineData("start,value\n2026-02-23,1\n", "line 1", "start,num,den")]
    [InlineData("start,num,den\n", "csv", "no period")]
    [InlineData("", "csv", "characters")]
    public async Task A_fault_names_its_line_and_nothing_is_kept(string csv, string where, string what)
    {
        var problem = (await Load("uptime", csv)).Problem;
        Assert.Equal("kpi.invalid", problem?.Code);
        Assert.Contains(problem?.Fields ?? [], field => field.Field == where && field.Detail.Contains(what, StringComparison.Ordinal));
        Assert.Empty((await Read("uptime")).Values);
    }

    [Fact]
    public async Task Money_has_one_currency()
    {
        const string csv = "start,value\n2026-01-01,25000\n2026-02-01,26000.50\n";
        Assert.Equal("currency", Assert.Single((await Load("mrr", csv)).Problem?.Fields ?? []).Field);
        Assert.Equal("currency", Assert.Single((await Load("mrr", csv, "XXX")).Problem?.Fields ?? []).Field);
        Assert.True((await Load("mrr", csv, "EUR")).IsOk);
        Assert.Contains("EUR", Assert.Single((await Load("mrr", "start,value\n2026-02-01,27000\n", "USD")).Problem?.Fields ?? []).Detail, StringComparison.Ordinal);
        Assert.All((await Read("mrr")).Values, value => Assert.Equal("EUR", value.Unit));
        Assert.True((await Load("mrr", csv, "USD")).IsOk); // Every period is replaced, so a wrong currency can be put right.
        Assert.All((await Read("mrr")).Values, value => Assert.Equal("USD", value.Unit));
    }

    [Fact]
    public async Task What_is_counted_here_takes_nothing_from_outside_and_the_platforms_figures_are_its_companys_alone()
    {
        Assert.Equal("kpi.counted_here", (await Load("acceptance", Weeks(3, _ => "1,2"))).Problem?.Code);
        Assert.Equal("kpi.not_found", (await Load("no_such_kpi", Weeks(3, _ => "1,2"))).Problem?.Code);
        Assert.Equal("kpi.not_found", (await Load("uptime", Weeks(3, _ => "1,2"), settings: new((TenantId?)null))).Problem?.Code);
        var other = Actor.System(database.NewTenant());
        Assert.Equal("kpi.not_found", (await ReadKpi.Handle(other, "mrr", database.Db, Company, database.Clock, Ct)).Problem?.Code);
        Assert.DoesNotContain((await ListKpis.Handle(other, database.Db, Company, database.Clock, Ct)).Value.Items, line => line.Kpi.Scope == KpiScope.Company);
        var viewer = _actor with { Kind = ActorKind.Person, Permissions = new[] { Permissions.OversightRead }.ToFrozenSet() };
        Assert.Equal("permission.missing", (await Load("uptime", Weeks(3, _ => "1,2"), actor: viewer)).Problem?.Code);
        Assert.True((await ReadKpi.Handle(viewer, "uptime", database.Db, Company, database.Clock, Ct)).IsOk);
    }

    [Fact]
    public async Task The_plans_target_is_judged_with_the_figure()
    {
        const string plan = """
            apiVersion: oversight.penguinmails/v1
            kind: Plan
            metadata: {name: northwind}
            spec: {}
            ---
            apiVersion: oversight.penguinmails/v1
            kind: Metric
            metadata: {name: up, title: Uptime}
            spec: {kpi: uptime, unit: percent, better: up}
            ---
            apiVersion: oversight.penguinmails/v1
            kind: Target
            metadata: {name: up-always}
            spec: {metric: up, quantity: {op: ge, value: 99.5, unit: percent}}
            """;
        var kept = await ImportPlan.Handle(_actor, new([new("plan.yaml", plan)]), database.Db, database.Clock, Ct);
        Assert.True(kept.IsOk, kept.Problem?.Detail);
        await Load("uptime", Weeks(30, i => $"{(i % 2 == 0 ? 9_800 : 9_810)},10000"));
        var read = await Read("uptime");
        Assert.Equal((Assurance.Fail, 0.995), (read.Verdict?.Assurance, read.Verdict?.Evidence.Target));
        Assert.Contains("will not meet it", read.Verdict?.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_direction_is_announced_when_two_periods_in_a_row_say_so()
    {
        string Cells(int i, int count) => i < count - 10 ? "9500,10000" : "9800,10000";
        await Load("uptime", Weeks(40, i => i % 2 == 0 ? "9500,10000" : "9502,10000"));
        Assert.Equal(Direction.Flat, (await Read("uptime")).Verdict?.Announced);
        // The same periods with a step among them: the first evaluation that says improving.
        await Load("uptime", Weeks(40, i => Cells(i, 40)));
        var first = (await Read("uptime")).Verdict;
        Assert.Equal((Direction.Improving, Direction.Flat, (Direction?)Direction.Improving), (first?.Direction, first?.Announced, first?.Pending));
        var later = new TestClock();
        later.Advance(TimeSpan.FromDays(7));
        Assert.True((await LoadKpi.Handle(_actor, "uptime", new("start,num,den\n2026-03-02,9800,10000\n", "more.csv"), database.Db, Company, later, Ct)).IsOk);
        var second = (await ReadKpi.Handle(_actor, "uptime", database.Db, Company, later, Ct)).Value;
        Assert.Equal((Direction.Improving, Direction.Improving, null), (second.Verdict?.Direction, second.Verdict?.Announced, second.Verdict?.Pending));
        Assert.Equal(2, second.Verdicts.Count);
    }
}
