using PenguinMails.Delivery.Warmup;

namespace PenguinMails.Bench.Warmup;

/// <summary>One provider's view of one sender, day by day.</summary>
sealed class SimulatedProvider(ProviderModel model, Audience audience, Random random)
{
    public const double ReputationAtStart = 0.5;

    const double SeenShare = 0.4;      // Of messages whose folder the sender learns, through the pool.
    const double ExcessDeferred = 0.9; // Of what is too much; the rest slips through.
    const double Memory = 0.8;         // Of the recent volume, kept from one day of sending to the next.
    const double SpamBelow = 0.55;     // Reputation below which mail goes to Junk, and more of it the lower.
    const double RefusedBelow = 0.2;   // Below which it is refused outright.

    double _recent;
    double _ceiling = model.Ceiling;
    int _day;

    /// <summary>0 to 1.</summary>
    public double Reputation { get; private set; } = ReputationAtStart;

    /// <summary>A day of sending.</summary>
    /// <param name="sent">At least 1.</param>
    /// <returns>What the sender sees of it, and how many reached the inbox at the first try, which it does not see.</returns>
    public (WarmUpSignals Signals, int Inbox) Take(int sent)
    {
        _day++;
        var shock = _day >= model.ShockDays.From && _day <= model.ShockDays.To ? 0.25 : 1;
        var allowance = shock * Math.Min(model.Free + (model.Growth * _recent * (0.5 + Reputation)), _ceiling);
        var excess = Math.Max(0, sent - (int)allowance);
        var tooMuch = Draw(excess, ExcessDeferred);
        var deferred = tooMuch + Draw(sent - excess, model.Noise);
        var taken = sent - deferred;
        var bounced = Draw(taken, audience.Bounce);
        var blocked = Draw(taken - bounced, Math.Max(0, RefusedBelow - Reputation) * 2);
        var accepted = taken - bounced - blocked;
        var spam = Math.Clamp((SpamBelow - Reputation) * 1.5, 0, 1);
        var inbox = accepted - Draw(accepted, spam);
        var complained = Draw(inbox, audience.Complaint);
        var seen = Draw(accepted, SeenShare);
        var signals = new WarmUpSignals(sent, deferred, bounced, blocked, complained, seen, Draw(seen, spam), Draw(inbox, audience.Reply));
        Learn(signals, tooMuch, excess);
        return (signals, inbox);
    }

    void Learn(WarmUpSignals day, int tooMuch, int excess)
    {
        var loss = (model.ExcessCost * tooMuch / day.Sent) + (model.ComplaintCost * day.Complained * 20 / Math.Max(20, day.Sent)) + (model.BounceCost * day.Bounced / day.Sent);
        Reputation = Math.Clamp(Reputation + (model.Gain * (1 - Reputation)) - loss, 0.02, 1);
        _recent = _recent == 0 ? day.Sent - day.Deferred : (Memory * _recent) + ((1 - Memory) * (day.Sent - day.Deferred));
        _ceiling = excess == 0 ? _ceiling + model.CeilingStep : _ceiling * 0.9;
    }

    int Draw(int of, double chance)
    {
        if (chance <= 0) return 0;
        var hits = 0;
        for (var i = 0; i < of; i++)
            if (random.NextDouble() < chance) hits++;
        return hits;
    }
}
