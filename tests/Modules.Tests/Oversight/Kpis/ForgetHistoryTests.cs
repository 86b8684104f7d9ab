using Microsoft.Extensions.Configuration;
using PenguinMails.Core;
using PenguinMails.Modules.Tests.Oversight.Reports;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;

namespace PenguinMails.Modules.Tests.Oversight.Kpis;

/// <summary>What was known before is forgotten when it is old, to the moment, and never what a report can still be built of.</summary>
public sealed class ForgetHistoryTests(TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    async Task<(long Values, long Verdicts, long Held)> Count(TenantId tenant)
    {
        await using var tx = await database.Db.Begin(tenant, Ct);
        return await tx.One("select (select count(*) from oversight.kpi_value_before where tenant_id = $1), (select count(*) from oversight.kpi_verdict_before where tenant_id = $1), (select count(*) from oversight.kpi_value where tenant_id = $1)",
            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), Ct, tenant);
    }

    static async Task<DateTimeOffset> Replace(ReportWorld world, int slope)
    {
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Load("mrr", ReportWorld.Months(24, i => 30_000 + slope * (i + 1)), "USD");
        return world.Clock.GetUtcNow();
    }

    [Fact]
    public async Task What_was_replaced_by_then_is_gone_and_what_came_after_stays()
    {
        var (world, other) = (new ReportWorld(database), new ReportWorld(database));
        foreach (var one in new[] { world, other }) await Replace(one, 100);
        await Replace(other, -100);
        var first = await Replace(world, -100);
        var between = (await world.Build()).Value;
        await Replace(world, 300);
        var all = await Count(world.Actor.Tenant);
        Assert.Equal((48, 24), (all.Values, all.Held));
        Assert.Equal(2, all.Verdicts);

        Assert.Equal(0, await ForgetHistory.One(world.Actor.Tenant, first.AddMicroseconds(-1), database.Db, Ct));
        Assert.Equal(25, await ForgetHistory.One(world.Actor.Tenant, first, database.Db, Ct)); // 24 months and the verdict on them.
        Assert.Equal((24, 1, 24), await Count(world.Actor.Tenant));
        Assert.Equal(0, await ForgetHistory.One(world.Actor.Tenant, first, database.Db, Ct));
        Assert.True((await world.Again(between)).Value.IsSame); // Its cut lies at the edge.
        Assert.Equal((24, 1, 24), await Count(other.Actor.Tenant)); // Another account's is its own.
    }

    [Fact]
    public async Task No_report_is_built_as_of_a_moment_that_is_forgotten()
    {
        var world = new ReportWorld(database);
        await Replace(world, 100);
        var settings = world.Company with { HistoryDays = 32 };
        Task<Result<PenguinMails.Oversight.Reports.Report>> Build(DateTimeOffset cut) => PenguinMails.Oversight.Reports.BuildReport.Handle(world.Actor, new(PenguinMails.Oversight.Reports.ReportKind.Board, null, null, cut), database.Db, settings, world.Clock, Ct);
        var edge = world.Clock.GetUtcNow().AddDays(-32);
        Assert.True((await Build(edge)).IsOk);
        Assert.Equal("data_cut", (await Build(edge.AddMilliseconds(-1))).Problem?.Fields.Single().Field);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("31", false)]
    [InlineData("32", true)]
    [InlineData("36500", true)]
    [InlineData("36501", false)]
    [InlineData("ever", false)]
    public void Days_that_are_kept_are_none_or_a_month_at_least(string text, bool isRight)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Oversight:HistoryDays", text)]).Build();
        if (isRight) Assert.Equal(text == "0", OversightSettings.From(configuration).HistoryFrom(DateTimeOffset.UnixEpoch.AddYears(200)) is null);
        else Assert.Contains("PENGUIN__OVERSIGHT__HISTORYDAYS", Assert.Throws<InvalidOperationException>(() => OversightSettings.From(configuration)).Message, StringComparison.Ordinal);
    }
}
