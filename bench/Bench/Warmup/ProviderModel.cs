namespace PenguinMails.Bench.Warmup;

/// <summary>How a provider treats a sender it does not know yet. Made up, and described in docs/guide/warm-up.md: no provider publishes its own.</summary>
/// <param name="Free">Messages a day that anybody may send.</param>
/// <param name="Growth">What may come on top, as a multiple of the sender's recent daily volume, at a reputation of one half.</param>
/// <param name="Ceiling">Most messages on the first day of sending, whatever the reputation.</param>
/// <param name="CeilingStep">Added to the ceiling after each day of sending within it; a day beyond costs a tenth of it.</param>
/// <param name="Noise">Chance that a message is deferred for reasons that have nothing to do with the sender.</param>
/// <param name="ExcessCost">Reputation lost on a day when everything was too much; less in proportion.</param>
/// <param name="ComplaintCost">Reputation lost for each complaint on a day of 20 messages or fewer; less in proportion to more.</param>
/// <param name="BounceCost">Reputation lost on a day when everything bounced; less in proportion.</param>
/// <param name="Gain">Share of the way to full reputation that a clean day gains.</param>
/// <param name="ShockDays">Days of sending on which it takes a quarter of the usual; none for (0, 0).</param>
sealed record ProviderModel(
    string Name, double Free, double Growth, double Ceiling, double CeilingStep, double Noise, double ExcessCost, double ComplaintCost, double BounceCost, double Gain, (int From, int To) ShockDays)
{
    /// <summary>The first six were chosen before the first run and not changed since. The last two were added after the last change of the controller, which so could not be fitted to them.</summary>
    public static readonly IReadOnlyList<ProviderModel> All =
    [
        new("lenient", 100, 2, 1000, 10, 0.002, 0.05, 0.1, 0.2, 0.03, (0, 0)),
        new("allowance", 10, 1.2, 1000, 10, 0.005, 0.2, 0.2, 0.5, 0.02, (0, 0)),
        new("tight allowance", 5, 1.05, 1000, 10, 0.005, 0.3, 0.2, 0.5, 0.015, (0, 0)),
        new("ceiling", 10, 2, 12, 1.2, 0.005, 0.3, 0.2, 0.5, 0.02, (0, 0)),
        new("noisy", 100, 2, 1000, 10, 0.04, 0.05, 0.1, 0.2, 0.03, (0, 0)),
        new("incident", 15, 1.5, 1000, 10, 0.005, 0.2, 0.2, 0.5, 0.02, (15, 19)),
        new("forgiving", 20, 1.3, 30, 1, 0.01, 0.1, 0.3, 0.3, 0.04, (0, 0)),
        new("unforgiving", 15, 1.4, 1000, 10, 0.01, 0.5, 0.4, 1, 0.01, (0, 0)),
    ];

    /// <summary>One of its kind: each number differs by up to a quarter, so that nothing is won by fitting one.</summary>
    public ProviderModel Drawn(Random random)
    {
        double About(double value) => value * (0.75 + (0.5 * random.NextDouble()));
        return this with
        {
            Free = About(Free),
            Growth = About(Growth),
            Ceiling = About(Ceiling),
            CeilingStep = About(CeilingStep),
            Noise = About(Noise),
            ExcessCost = About(ExcessCost),
            ComplaintCost = About(ComplaintCost),
            BounceCost = About(BounceCost),
            Gain = About(Gain),
        };
    }
}

/// <summary>Whom the mail goes to.</summary>
/// <param name="Bounce">Chance that an address does not exist.</param>
/// <param name="Complaint">Chance that a message in the inbox is reported as spam.</param>
/// <param name="Reply">Chance that a message in the inbox is answered, the conversation pool included.</param>
sealed record Audience(string Name, double Bounce, double Complaint, double Reply)
{
    public static readonly Audience Clean = new("clean list", 0.005, 0.0002, 0.15);
    public static readonly Audience Poor = new("poor list", 0.03, 0.003, 0.08);
}
