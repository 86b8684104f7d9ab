using PenguinMails.Fleet.Reports;

namespace PenguinMails.Modules.Tests.Fleet.Reports;

public sealed class RecommendStageTests
{
    static readonly StageEvidence None = new("none", 14, 0, 1000, 980, 980, 0, 0, 0);
    static readonly StageEvidence Quarantine = new("quarantine", 20, 14, 1000, 990, 980, 10, 0, 0);

    [Fact]
    public void Enough_evidence_moves_a_domain_one_stage()
    {
        Assert.Equal(("none", "quarantine", "You can move to quarantine."), RecommendStage.Judge(None) is var first ? (first.Stage, first.Next, first.Sentence) : default);
        Assert.Equal(("quarantine", "reject", "You can move to reject."), RecommendStage.Judge(Quarantine) is var second ? (second.Stage, second.Next, second.Sentence) : default);
        Assert.All(RecommendStage.Judge(Quarantine).Conditions, condition => Assert.True(condition.IsMet));
    }

    public static TheoryData<StageEvidence, string> Short => new()
    {
        { None with { Days = 13 }, "14 days of reports (13 of 14 days)" },
        { None with { Yours = 99, YoursPassed = 99 }, "100 messages of yours (99 of 100)" },
        { None with { YoursPassed = 979 }, "yours pass DMARC (97.9% of 98% needed)" },
        { None with { Yours = 0, YoursPassed = 0 }, "yours pass DMARC (none seen)" },
        { Quarantine with { DaysAtStage = 13 }, "14 days at quarantine (13 of 14 days)" },
        { Quarantine with { YoursPassed = 989 }, "yours pass DMARC (98.9% of 99% needed)" },
        { Quarantine with { YoursSigned = 979 }, "yours signed by DKIM (97.9% of 98% needed)" },
        { Quarantine with { ForwardedFailed = 11 }, "11 forwarded messages failed, 1% of yours is 10" },
    };

    [Theory]
    [MemberData(nameof(Short))]
    public void One_condition_short_stays_and_says_which(StageEvidence seen, string missing)
    {
        var advice = RecommendStage.Judge(seen);
        Assert.False(advice.IsMove);
        Assert.Contains(missing, advice.Sentence);
        Assert.StartsWith($"Stay at {seen.Stage}.", advice.Sentence);
    }

    [Fact]
    public void The_bounds_themselves_are_enough() =>
        Assert.True(RecommendStage.Judge(None with { Yours = 100, YoursPassed = 98 }).IsMove);

    [Fact]
    public void Strangers_are_no_reason_to_wait_and_are_named()
    {
        var advice = RecommendStage.Judge(None with { StrangerSources = 2, StrangerMessages = 5000 });
        Assert.True(advice.IsMove);
        Assert.Contains("none of the 2 is a service of yours", advice.Sentence);
    }

    [Fact]
    public void Own_mail_that_fails_under_a_strict_policy_comes_first()
    {
        Assert.StartsWith("30 messages of yours fail and are filed as spam", RecommendStage.Judge(Quarantine with { YoursPassed = 970 }).Sentence);
        Assert.StartsWith("30 messages of yours fail and are refused", RecommendStage.Judge(Quarantine with { Stage = "reject", YoursPassed = 970 }).Sentence);
        Assert.Equal("The policy is as strict as it can be.", RecommendStage.Judge(Quarantine with { Stage = "reject" }).Sentence);
    }
}
