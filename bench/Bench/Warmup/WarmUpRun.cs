using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Warmup;

namespace PenguinMails.Bench.Warmup;

/// <summary>What came of one sender in one run.</summary>
/// <param name="DaysToFull">Calendar days until a day on which 95 % of full volume was accepted at the first try; null when it never came.</param>
/// <param name="Deferred">Messages put off at the first try.</param>
/// <param name="Harm">Largest share of the reputation at the start that was lost, 0 to 1.</param>
/// <param name="Inbox">Messages that reached the inbox at the first try.</param>
sealed record WarmUpOutcome(int? DaysToFull, int Deferred, double Harm, int Inbox);

/// <summary>A way to warm up.</summary>
/// <param name="Curve">A fixed ramp; null is the controller of the product.</param>
/// <param name="Profile">What the controller goes by.</param>
sealed record Ramp(string Name, MarketCurve? Curve, WarmUpProfile Profile)
{
    static readonly WarmUpProfile Mailbox = WarmUpProfile.Of(GuardSubject.Mailbox);

    public static readonly IReadOnlyList<Ramp> All =
    [
        new("controller", null, Mailbox),
        new("controller, careful", null, Mailbox.Careful()),
        .. new[] { "five_plus_one", "five_plus_two", "smartlead", "mailbeast_standard", "mailbeast_aggressive", "instantly" }.Select(MarketCurve.Of).Select(curve => new Ramp(curve.Name, curve, Mailbox)),
    ];

    public int Full => Curve?.Max ?? Profile.Max;
}

/// <summary>One mailbox at one provider for 90 days, Monday to Friday, using the whole budget of each day.</summary>
static class WarmUpRun
{
    public const int DaysMax = 90;
    const double FullShare = 0.95;

    static readonly DateOnly Monday = new(2026, 11, 30);

    /// <param name="seed">Draws the provider and all chance; the same for every ramp, so that they meet the same provider.</param>
    public static WarmUpOutcome Of(Ramp ramp, ProviderModel model, Audience audience, int seed)
    {
        var provider = new SimulatedProvider(model.Drawn(new Random(seed)), audience, new Random(seed + 1_000_000));
        var state = WarmUp.Start(ramp.Profile, Monday, seed, false);
        var (signals, full, deferred, inbox, low, sendingDay) = (WarmUpSignals.None, (int?)null, 0, 0, SimulatedProvider.ReputationAtStart, 0);
        for (var day = 0; day < DaysMax; day++)
        {
            if (day > 0) state = WarmUp.Next(state, ramp.Profile, signals, Monday.AddDays(day), seed, false);
            signals = WarmUpSignals.None;
            if (ramp.Profile.IsRestDay(Monday.AddDays(day))) continue;
            sendingDay++;
            var budget = ramp.Curve?.On(sendingDay) ?? state.Budget;
            if (budget == 0) continue;
            (signals, var arrived) = provider.Take(budget);
            deferred += signals.Deferred;
            inbox += arrived;
            low = Math.Min(low, provider.Reputation);
            if (full is null && signals.Sent - signals.Deferred - signals.Blocked >= FullShare * ramp.Full) full = day + 1;
        }

        return new(full, deferred, (SimulatedProvider.ReputationAtStart - low) / SimulatedProvider.ReputationAtStart, inbox);
    }
}
