using PenguinMails.Core;
using PenguinMails.Delivery.Guards;
using PenguinMails.Fleet.Provisionings;
using PenguinMails.Insight;
using PenguinMails.Modules.Tests.Oversight.Reports;
using PenguinMails.Oversight;
using PenguinMails.Oversight.Answers;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Modules.Tests.Oversight.Answers;

/// <summary>Each question has a sentence, whatever there is; the numbers in it can be counted by hand.</summary>
public sealed class AnswerTests(TestDatabase database)
{
    static readonly ILookup<string, KpiValue> NoValues = Array.Empty<KpiValue>().ToLookup(_ => "");

    static AnswerFacts Facts(IReadOnlyList<ProviderCounts> now, IReadOnlyList<ProviderCounts>? before = null) =>
        new(false, new(2026, 3, 2), [.. KpiCatalog.Of(false)], NoValues, new Dictionary<string, KpiVerdict>(), null, null, null, [], now, before ?? [], null, null);

    static ProviderCounts Counts(string provider, long sent, long bounced, long complained = 0) => new(provider, sent, bounced, complained, 0);

    [Fact]
    public async Task An_account_with_nothing_hears_for_each_question_what_is_missing()
    {
        var actor = Actor.System(database.NewTenant());
        var answers = (await ListAnswers.Handle(actor, database.Db, new OversightSettings((TenantId?)null), database.Clock, ReportWorld.Ct)).Value.Items;
        Assert.Equal(["Q01", "Q03", "Q04", "Q05", "Q06", "Q07", "Q08", "Q10", "Q12", "Q13", "Q14", "Q15", "Q16", "Q17", "Q18", "Q19", "Q20", "Q21", "Q22", "Q23", "Q24", "Q25"], answers.Select(answer => answer.Id)); // Without those of the company.
        Assert.All(answers.Where(answer => answer.Id is not ("Q22" or "Q23")), answer => Assert.True(answer.Answer.IsMissing, answer.Id));
        Assert.All(answers, answer => Assert.True(answer.Answer.Sentence.Length > 20 && answer.Answer.Href.StartsWith('/'), answer.Id));
        var nobody = actor with { Kind = ActorKind.Person };
        Assert.Equal("permission.missing", (await ListAnswers.Handle(nobody, database.Db, new OversightSettings((TenantId?)null), database.Clock, ReportWorld.Ct)).Problem?.Code);
    }

    [Fact]
    public async Task The_company_hears_of_money_plan_and_platform()
    {
        var world = new ReportWorld(database);
        await world.Fill();
        await world.Build(added: "Replies rose.");
        var answers = (await ListAnswers.Handle(world.Actor, database.Db, world.Company, world.Clock, ReportWorld.Ct)).Value.Items.ToDictionary(answer => answer.Id, answer => answer.Answer);
        Assert.Contains("worse than planned by −1,650 USD (−4 %)", answers["Q01"].Sentence, StringComparison.Ordinal);
        Assert.Equal(Direction.Improving, answers["Q01"].Direction);
        Assert.StartsWith("Most of it: new (+2,400 USD); the movements add up exactly", answers["Q02"].Sentence, StringComparison.Ordinal);
        Assert.Contains("1 of", answers["Q08"].Sentence, StringComparison.Ordinal);
        Assert.Contains("is spent", answers["Q11"].Sentence, StringComparison.Ordinal); // About 68 of 10,080 minutes a week failed; 0.1 to 0.5 % may.
        Assert.Equal(Direction.Worsening, answers["Q11"].Direction);
        Assert.Contains("cannot be judged yet", answers["Q22"].Sentence, StringComparison.Ordinal);
        Assert.StartsWith("Yes", answers["Q24"].Sentence, StringComparison.Ordinal);
        Assert.Equal("/scenarios", answers["Q05"].Href);
        Assert.False(answers["Q15"].IsMissing);
    }

    [Fact]
    public void A_change_is_split_into_rates_and_mix()
    {
        // The same rates, 1 % and 5 %; the half that went to the bad one becomes three quarters: all mix.
        var (rate, mix) = OperationsAnswers.Split([Counts("a", 250, 2), Counts("b", 750, 38)], [Counts("a", 500, 4), Counts("b", 500, 25)]);
        Assert.Equal(0, rate, 3);
        Assert.Equal(0.25 * (0.05 - 0.008), mix, 3);
        // The same mix, another rate.
        (rate, mix) = OperationsAnswers.Split([Counts("a", 500, 50)], [Counts("a", 500, 25)]);
        Assert.Equal((0.05, 0.0), (Math.Round(rate, 9), Math.Round(mix, 9)));
        // Rate and mix are the whole change, also when a provider is new.
        (rate, mix) = OperationsAnswers.Split([Counts("a", 300, 9), Counts("c", 300, 30)], [Counts("a", 500, 10)]);
        Assert.Equal(39.0 / 600 - 10.0 / 500, rate + mix, 12);
    }

    [Theory]
    [InlineData(199, 0, true, "Nobody can say yet")]
    [InlineData(200, 0, false, "It cannot be ruled out")] // None of 200 may still be 0.8 %.
    [InlineData(20_000, 2, false, "No: at each of them")]
    [InlineData(20_000, 30, false, "may be above the 0.10 %")]
    [InlineData(20_000, 100, false, "At risk with Google")]
    public void Complaints_are_judged_by_what_they_may_be(long sent, long complained, bool isMissing, string begin)
    {
        var answer = CommonAnswers.Complaints(Facts([Counts("google", sent, 0, complained), Counts("mx:clinic.example", 5000, 0, 400)]));
        Assert.Equal(isMissing, answer.IsMissing);
        Assert.Contains(begin, answer.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_change_of_bounces_needs_two_stretches_of_enough_messages()
    {
        Assert.True(OperationsAnswers.RateOrMix(Facts([Counts("google", 199, 3)], [Counts("google", 900, 3)])).IsMissing);
        Assert.StartsWith("The change may be chance", OperationsAnswers.RateOrMix(Facts([Counts("google", 200, 3)], [Counts("google", 200, 2)])).Sentence, StringComparison.Ordinal);
        Assert.StartsWith("The change is real", OperationsAnswers.RateOrMix(Facts([Counts("google", 5000, 300)], [Counts("google", 5000, 50)])).Sentence, StringComparison.Ordinal);
        Assert.Contains("mostly mix", OperationsAnswers.RateOrMix(Facts([Counts("a", 1000, 10), Counts("b", 9000, 900)], [Counts("a", 9000, 90), Counts("b", 1000, 100)])).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_ups_are_told_with_the_times_that_half_and_95_of_100_took()
    {
        var values = new[] { new KpiValue(new DateOnly(2026, 2, 9), 19, 21, 90.5, "percent", 1) }.ToLookup(_ => "provisioning_in_time");
        SetUp Of(int minutes, bool isReady = true) => new(default, isReady, TimeSpan.FromMinutes(minutes));
        var answer = OperationsAnswers.Provisioning(Facts([]) with { Values = values, SetUps = [.. Enumerable.Range(1, 20).Reverse().Select(minutes => Of(minutes)), Of(900, isReady: false)] });
        Assert.Contains("19 of 21 set-ups", answer.Sentence, StringComparison.Ordinal);
        Assert.Contains("Of the 20 ready ones begun in the last 84 days, half took at most 10.0 minutes of it and 95 of 100 at most 19.0.", answer.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("ready ones", OperationsAnswers.Provisioning(Facts([]) with { Values = values }).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-01", "2026-02-01", false, 1.0)]
    [InlineData("2026-04-01", "2026-03-01", true, 0.75)] // December to February are there, March is not.
    public void Data_are_late_when_a_period_that_is_over_is_missing(string today, string due, bool isLate, double filled)
    {
        var spend = KpiCatalog.Find("spend") ?? throw new InvalidOperationException();
        KpiValue[] values = [.. new[] { 12, 1, 2 }.Select(month => new KpiValue(new DateOnly(month == 12 ? 2025 : 2026, month, 1), null, null, 5, "EUR", 1))];
        var trust = DataTrust.Of(spend, values, DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((DateOnly.Parse(due, System.Globalization.CultureInfo.InvariantCulture), isLate), (trust.Due, trust.IsLate));
        Assert.Equal(filled, trust.Filled, 9);
    }

    [Fact]
    public async Task One_person_alone_hears_it_in_short()
    {
        var world = new ReportWorld(database);
        Assert.Empty((await ShortForm.Handle(world.Actor, database.Db, world.Company, world.Clock, ReportWorld.Ct)).Value);
        await world.Fill();
        var lines = (await ShortForm.Handle(world.Actor, database.Db, world.Company, world.Clock, ReportWorld.Ct)).Value;
        Assert.InRange(lines.Sum(WeeklyText.Words), 30, WeeklyText.WordsMax);
    }
}
