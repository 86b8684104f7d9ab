using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Warmup;

namespace PenguinMails.Modules.Tests.Delivery.Warmup;

/// <summary>Cold and warm-up mail share a budget, and what is usual is learnt.</summary>
public sealed class WarmUpSplitTests
{
    static readonly WarmUpProfile Profile = WarmUpProfile.Of(GuardSubject.Mailbox);

    [Theory]
    [InlineData(0, 0, 0.02)]
    [InlineData(50, 0, 0.01)]
    [InlineData(450, 19, 0.04)]
    [InlineData(450, 400, 0.05)]
    public void What_is_usual_is_learnt_and_bounded(double sent, double deferred, double usual) => Assert.Equal(usual, WarmUpReading.Usual(sent, deferred), 6);

    [Theory]
    [InlineData(14, 24, 100, true, 20, 0)]  // Days of warm-up only.
    [InlineData(15, 24, 100, true, 20, 3)]
    [InlineData(16, 26, 100, true, 20, 5)]
    [InlineData(40, 50, 100, true, 20, 30)]
    [InlineData(40, 50, 10, true, 20, 10)]
    [InlineData(40, 22, 100, true, 0, 22)]  // Cold mail takes what there is, warm-up mail leaves it.
    [InlineData(1, 5, 100, false, 0, 5)]
    [InlineData(40, 50, 100, false, 0, 30)]
    [InlineData(40, 0, 100, true, 0, 0)]
    public void Cold_and_warm_up_mail_share_one_budget(int day, int budget, int waiting, bool hasPool, int warmUp, int cold) =>
        Assert.Equal(new(warmUp, cold), WarmUp.Split(WarmUp.Start(Profile, new(2026, 11, 30), 7, false) with { Day = day, Budget = budget }, Profile, waiting, hasPool));
}
