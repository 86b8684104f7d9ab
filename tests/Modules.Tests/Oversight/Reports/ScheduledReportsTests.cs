using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Core;
using PenguinMails.House.Tests;
using PenguinMails.Modules.Tests.Accounts;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;
using PenguinMails.Oversight.Reports.Pdf;

namespace PenguinMails.Modules.Tests.Oversight.Reports;

/// <summary>What the schedule makes, once each, and the weekly mail through the program's own mail path to a real listener.</summary>
[Collection(nameof(AccountsWorld))]
public sealed class ScheduledReportsTests(AccountsWorld accounts, TestDatabase database)
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static readonly OversightSettings Nobody = new((TenantId?)null);

    [Theory]
    [InlineData(ReportKind.Board, "2026-03-13", "2026-01-01")] // A week that began on 23 February closes on 9 March, one that began on 28 February would on the 14th.
    [InlineData(ReportKind.Board, "2026-03-14", "2026-02-01")]
    [InlineData(ReportKind.Weekly, "2026-03-08", "2026-02-16")]
    [InlineData(ReportKind.Weekly, "2026-03-09", "2026-02-23")]
    public void A_period_is_due_when_its_last_figure_is_closed(ReportKind kind, string today, string due)
    {
        var day = DateOnly.ParseExact(today, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var start = DateOnly.ParseExact(due, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(start, ReportPeriods.Due(kind, day));
        Assert.True(ReportPeriods.DueOn(kind, start) <= day && ReportPeriods.DueOn(kind, ReportPeriods.Following(kind, start)) > day);
    }

    [Fact]
    public async Task The_schedule_makes_each_period_once_however_often_it_runs()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        Assert.True((await ScheduleReport.Handle(world.Actor, new(ReportKind.Board, true), database.Db, world.Clock, Ct)).IsOk);
        Assert.True((await ScheduleReport.Handle(world.Actor, new(ReportKind.Operations, true), database.Db, world.Clock, Ct)).IsOk);
        for (var run = 0; run < 3; run++) await Run(world);
        var made = (await ListReports.Handle(world.Actor, null, null, null, database.Db, Ct)).Value.Items;
        Assert.Equal([(ReportKind.Board, new DateOnly(2026, 1, 1)), (ReportKind.Operations, new DateOnly(2026, 2, 9))], made.Select(report => (report.Kind, report.Period)).Order());
        Assert.All(made, report => Assert.True(report.IsScheduled));
        world.Clock.Advance(TimeSpan.FromDays(7));
        await Run(world);
        Assert.True((await ScheduleReport.Handle(world.Actor, new(ReportKind.Operations, false), database.Db, world.Clock, Ct)).Value is { IsOn: false });
        world.Clock.Advance(TimeSpan.FromDays(7));
        await Run(world);
        Assert.Equal(2, (await ListReports.Handle(world.Actor, ReportKind.Operations, null, null, database.Db, Ct)).Value.Items.Count);
        Assert.Equal(2, (await ListReports.Handle(world.Actor, ReportKind.Board, null, null, database.Db, Ct)).Value.Items.Count);
    }

    [Fact]
    public async Task Money_against_plan_and_the_operations_review_have_their_own_figures()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        var finance = await world.Model((await world.Build(ReportKind.Finance)).Value);
        Assert.All(finance.Rows, row => Assert.Equal(KpiTheme.Finance, KpiCatalog.Find(row.Kpi)?.Theme));
        Assert.NotNull(finance.Bridge);
        Assert.Contains("No line of a budget", ReportHtml.Document(finance), StringComparison.Ordinal);
        var operations = await world.Model((await world.Build(ReportKind.Operations)).Value);
        Assert.All(operations.Rows, row => Assert.Equal(12, row.Months.Count));
        Assert.Equal(6, operations.Rows.Single(row => row.Kpi == "uptime").Trend.Count);
        Assert.DoesNotContain(operations.Rows, row => row.Kpi == "mrr");
        using var printer = new PdfPrinter(ReportSettings.From(null), TimeProvider.System, NullLogger<PdfPrinter>.Instance);
        var folder = Directory.CreateDirectory(Path.Combine(Tree.Root, "artifacts/reports")).FullName;
        foreach (var (name, model) in new[] { ("finance", finance), ("operations", operations) }) await File.WriteAllBytesAsync(Path.Combine(folder, name + ".pdf"), (await printer.Print(model, Ct)).Value, Ct);
    }

    [Fact]
    public async Task Who_asked_gets_the_week_once_by_mail_in_at_most_120_words()
    {
        var person = await accounts.Person();
        var actor = person.Actor ?? throw new InvalidOperationException();
        await Spend(actor);
        var today = DateOnly.FromDateTime(accounts.Clock.GetUtcNow().UtcDateTime);
        Assert.True((await MailWeekly.Handle(actor, new(MailWeekly.WeekdayOf(today)), accounts.Db, accounts.Clock, Ct)).IsOk);
        await ScheduledReports.One(actor.Tenant, accounts.Db, Nobody, accounts.Web, accounts.Clock, Ct);
        await ScheduledReports.One(actor.Tenant, accounts.Db, Nobody, accounts.Web, accounts.Clock, Ct);
        var (to, text) = Assert.Single(await accounts.Mails());
        Assert.Equal(person.Email, to);
        Assert.Contains("multipart/alternative", text, StringComparison.Ordinal);
        Assert.Contains("Spend", text, StringComparison.Ordinal);
        Assert.Contains("https://app.penguin.test/reports/rep_", text, StringComparison.Ordinal);
        var report = Assert.Single((await ListReports.Handle(actor, ReportKind.Weekly, null, null, accounts.Db, Ct)).Value.Items);
        var sentences = WeeklyText.Sentences((await ReadReport.Handle(actor, report.Id, accounts.Db, Ct)).Value.Model);
        Assert.InRange(sentences.Sum(WeeklyText.Words), 20, WeeklyText.WordsMax);

        accounts.Clock.Advance(TimeSpan.FromDays(7));
        await ScheduledReports.One(actor.Tenant, accounts.Db, Nobody, accounts.Web, accounts.Clock, Ct);
        Assert.Single(await accounts.Mails());
        Assert.True((await MailWeekly.Handle(actor, new(null), accounts.Db, accounts.Clock, Ct)).IsOk);
        accounts.Clock.Advance(TimeSpan.FromDays(7));
        await ScheduledReports.One(actor.Tenant, accounts.Db, Nobody, accounts.Web, accounts.Clock, Ct);
        Assert.Empty(await accounts.Mails());
    }

    [Fact]
    public async Task A_weekly_report_of_many_figures_stays_within_120_words()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        var model = await world.Model((await world.Build(ReportKind.Weekly)).Value);
        var sentences = WeeklyText.Sentences(model);
        Assert.InRange(sentences.Sum(WeeklyText.Words), 40, WeeklyText.WordsMax);
        Assert.StartsWith("Next: ", sentences[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task A_weekday_there_is_not_is_refused(int weekday) =>
        Assert.Equal("report.invalid", (await MailWeekly.Handle(await accounts.Owner(), new(weekday), accounts.Db, accounts.Clock, Ct)).Problem?.Code);

    Task Run(ReportWorld world) => ScheduledReports.One(world.Actor.Tenant, database.Db, world.Company, accounts.Web, world.Clock, Ct);

    async Task Spend(Actor actor)
    {
        var today = DateOnly.FromDateTime(accounts.Clock.GetUtcNow().UtcDateTime);
        var last = new DateOnly(today.Year, today.Month, 1).AddMonths(-1);
        var csv = "start,value\n" + string.Concat(Enumerable.Range(0, 14).Select(i => string.Create(CultureInfo.InvariantCulture, $"{last.AddMonths(i - 13):yyyy-MM-dd},{2000 - 60 * i + 15 * (i % 3)}\n")));
        Assert.True((await LoadKpi.Handle(actor, "spend", new(csv, "spend.csv", "EUR"), accounts.Db, Nobody, accounts.Clock, Ct)).IsOk);
    }
}
