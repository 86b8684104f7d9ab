using PenguinMails.Insight;
using PenguinMails.Oversight.Kpis;
using PenguinMails.Oversight.Reports;

namespace PenguinMails.Modules.Tests.Oversight.Reports;

/// <summary>Planted sentences: what a person asserts must be what a stored verdict says.</summary>
public sealed class ClaimCheckTests
{
    static readonly Dictionary<string, KpiVerdict> Verdicts = new(StringComparer.Ordinal)
    {
        ["answer_rate"] = Verdict("answer_rate", Direction.Improving), ["bounce_rate"] = Verdict("bounce_rate", Direction.Improving), ["complaint_rate"] = Verdict("complaint_rate", Direction.Worsening),
        ["mrr"] = Verdict("mrr", Direction.Flat), ["uptime"] = Verdict("uptime", Direction.Worsening), ["nps"] = Verdict("nps", Direction.NotEnoughData), ["api_p95"] = Verdict("api_p95", Direction.Improving),
        ["gross_churn"] = Verdict("gross_churn", Direction.Worsening),
    };

    static KpiVerdict Verdict(string kpi, Direction direction) => new(
        kpi, new(2026, 2, 16), direction, direction, null, "trend", "high", Assurance.NoTarget, false, null, null, null, "", 0, 0, null, null, null, null, null, "2", 1, new(null, null, null, 30, 0, 1, 0, null), default);

    [Theory]
    [InlineData("Answer rate improved.", Support.Supported)]
    [InlineData("Replies are rising.", Support.Supported)]
    [InlineData("Our reply rate fell.", Support.Unsupported)]
    [InlineData("Bounces fell.", Support.Supported)] // Down is good for bounces, and they got better.
    [InlineData("Bounces rose.", Support.Unsupported)]
    [InlineData("Bounces are up.", Support.Unsupported)]
    [InlineData("Complaints rose again.", Support.Supported)]
    [InlineData("Complaints did not rise.", Support.Unsupported)]
    [InlineData("Complaints didn’t improve.", Support.Supported)]
    [InlineData("Revenue grew.", Support.Unsupported)]
    [InlineData("Revenue did not improve.", Support.Supported)] // Flat: whether it improved is known, and it did not.
    [InlineData("Revenue is flat.", Support.Supported)]
    [InlineData("MRR is stable while uptime worsened.", Support.Supported)]
    [InlineData("MRR is stable while uptime improved.", Support.Unsupported)]
    [InlineData("NPS improved.", Support.Unsupported)]
    [InlineData("NPS did not improve.", Support.Unsupported)] // Nothing can be said of it, so neither can this.
    [InlineData("The API is faster than ever.", Support.Supported)]
    [InlineData("Bounces and replies improved.", Support.Supported)]
    [InlineData("Bounces, replies and complaints improved.", Support.Unsupported)]
    [InlineData("Replies rose, but complaints rose too.", Support.Supported)]
    [InlineData("Replies rose and then fell.", Support.Unsupported)]
    [InlineData("Revenue churn rose.", Support.Supported)] // The longer name wins over revenue.
    [InlineData("Everything got better.", Support.Unsupported)]
    [InlineData("Replies will rise next month.", Support.Unsupported)]
    [InlineData("We want replies to rise.", Support.NoClaim)]
    [InlineData("If complaints rise, we stop.", Support.NoClaim)]
    [InlineData("We hired a designer.", Support.NoClaim)]
    [InlineData("More than five people joined.", Support.NoClaim)]
    [InlineData("Domains grew.", Support.Unsupported)] // A figure that has no verdict.
    public void A_sentence_is_held_against_the_verdict_of_the_figure_it_names(string text, Support expected)
    {
        var sentence = ClaimCheck.Of(text, KpiCatalog.All, Verdicts);
        Assert.True(expected == sentence.Support, $"{text} {sentence.Support}: {sentence.Why}");
        Assert.Equal(expected == Support.Unsupported, sentence.Why is not null);
        if (expected == Support.Supported) Assert.NotEmpty(sentence.Verdicts);
    }

    [Theory]
    [InlineData("One. Two! Three?", 3)]
    [InlineData("Up 1.5 % in week 3.", 1)]
    [InlineData("One\nTwo", 2)]
    [InlineData("  ", 0)]
    [InlineData("No full stop", 1)]
    public void A_text_is_parted_into_sentences(string text, int count) => Assert.Equal(count, BuildReport.Sentences(text).Count);

    [Fact]
    public void Every_figure_is_known_by_its_name_and_no_name_stands_for_two()
    {
        Assert.All(KpiCatalog.All, kpi => Assert.Equal(kpi.Key, ClaimWords.Figures[string.Join(' ', ClaimWords.Words(kpi.Name))]));
        Assert.All(ClaimWords.Figures.Values, key => Assert.NotNull(KpiCatalog.Find(key)));
    }
}
