namespace PenguinMails.Delivery.Pacing;

/// <summary>How much may flow over a route; see <c>docs/states/route.md</c>.</summary>
public enum RouteState
{
    /// <summary>As the provider's profile allows.</summary>
    Flowing,

    /// <summary>With fewer connections or a longer gap, until a moment.</summary>
    Slowed,

    /// <summary>Nothing, until a moment.</summary>
    Suspended,

    /// <summary>Back after a suspension: one connection, and one more for each step without a refusal.</summary>
    Recovering,

    /// <summary>Nothing, until a person resumes.</summary>
    Stopped,
}

/// <summary>The circuit breaker of one route: a mailbox or sending address of ours towards one provider. A value: each event gives the next.</summary>
/// <remarks>Events are given in the order in which they came. Time alone moves it only when somebody asks with <see cref="At"/>.
/// A rule of a wider <see cref="BackOffScope"/> goes to the breaker of the sender or the domain, which is the same value with the profile <see cref="Provider.Other"/>;
/// a message flows where all of its breakers are open.</remarks>
/// <param name="Until">When it changes by itself; null when nothing but an event does.</param>
/// <param name="Connections">Most at once; 0 while nothing may flow.</param>
/// <param name="GapSeconds">Least time between the beginnings of two messages.</param>
/// <param name="Trips">Suspensions since it last flowed freely; each doubles the wait.</param>
/// <param name="InARow">Refusals under <paramref name="Rule"/> since a message was accepted.</param>
/// <param name="HasAccepted">Whether a message was accepted in this step of recovering.</param>
/// <param name="Rule">Id of the rule that decided or is counted; empty while nothing did.</param>
/// <param name="Reason">A sentence: what happened and what comes next.</param>
public sealed record Route(
    RouteState State, DateTimeOffset? Until, int Connections, int GapSeconds, int Trips, int InARow, bool HasAccepted, string Rule, string Reason)
{
    /// <summary>Longest wait of a suspension, however often it recurs.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromHours(24);

    /// <summary>How long each number of connections must do well while recovering: as long as the first wait Google asks for.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMinutes(10);

    const int DoublingsMax = 12; // 24 hours are reached before, from one minute on.

    /// <summary>A route nothing is known about.</summary>
    public static Route New(Provider provider) =>
        new(RouteState.Flowing, null, provider.ConnectionsMax, provider.GapSeconds, 0, 0, false, "", "Nothing stands in the way.");

    public bool MayOpen => Connections > 0;

    /// <summary>The route as it stands at a moment: what ended by time has ended.</summary>
    public Route At(DateTimeOffset now, Provider provider)
    {
        if (Until is not { } until || now < until) return this;
        return State switch
        {
            RouteState.Slowed => New(provider) with { Trips = Trips },
            RouteState.Suspended => (this with { State = RouteState.Recovering, HasAccepted = false, InARow = 0, GapSeconds = provider.GapSeconds }).Opened(1, until, provider),
            RouteState.Recovering => Stepped(now, provider),
            RouteState.Flowing or RouteState.Stopped => this,
        };
    }

    /// <summary>A message was accepted.</summary>
    public Route Accepted(DateTimeOffset now, Provider provider)
    {
        var here = At(now, provider);
        return here.State == RouteState.Recovering
            ? (here with { HasAccepted = true, InARow = 0 }).At(now, provider)
            : here with { InARow = 0, Rule = here.State == RouteState.Flowing ? "" : here.Rule };
    }

    /// <summary>A message or connection was refused or lost.</summary>
    /// <param name="rule">What <see cref="ReplyRule.Of"/> found; null and rules that ask nothing leave it as it is.</param>
    public Route Refused(ReplyRule? rule, DateTimeOffset now, Provider provider)
    {
        var here = At(now, provider);
        if (rule is null or { Action: BackOff.None } || here.State == RouteState.Stopped) return here;
        if (here.State == RouteState.Suspended) return here.WhileSuspended(rule, now, provider);
        var inARow = rule.Id == here.Rule ? here.InARow + 1 : 1;
        if (inARow < rule.Occurrences) return here with { InARow = inARow, Rule = rule.Id };
        return rule.Action switch
        {
            BackOff.Slow => here.Slower(rule, now, provider),
            BackOff.Suspend => here.Suspending(rule, now, provider),
            BackOff.Stop => here.Stopping(rule, provider),
            BackOff.None => here,
        };
    }

    /// <summary>A person lets it flow again: on one connection, because nobody but the provider knows whether the cause is gone.</summary>
    public Route Resumed(DateTimeOffset now, Provider provider) => State is RouteState.Flowing
        ? this
        : (this with { State = RouteState.Recovering, HasAccepted = false, InARow = 0, Trips = 0, GapSeconds = provider.GapSeconds }).Opened(1, now, provider);

    // What was on its way when the route closed comes back refused as well: that is the same trip, not another.
    Route WhileSuspended(ReplyRule rule, DateTimeOffset now, Provider provider)
    {
        if (rule.Action == BackOff.Stop && rule.Occurrences == 1) return Stopping(rule, provider);
        var until = now + rule.Least;
        return rule.Action == BackOff.Suspend && rule.Occurrences == 1 && until > Until ? this with { Until = until, Rule = rule.Id, Reason = Waiting(rule, provider, Trips) } : this;
    }

    Route Slower(ReplyRule rule, DateTimeOffset now, Provider provider)
    {
        if (State == RouteState.Recovering) return Suspending(rule, now, provider); // It was slow already.
        var connections = rule.Connections > 0 ? Math.Min(rule.Connections, Connections) : Connections;
        var gap = Math.Max(rule.GapSeconds, GapSeconds);
        return this with
        {
            State = RouteState.Slowed,
            Until = Later(Until, now + rule.Least),
            Connections = connections,
            GapSeconds = gap,
            InARow = 0,
            Rule = rule.Id,
            Reason = $"{rule.Meaning} {provider.Name} gets {Few(connections)} with {gap} s between messages for at least {rule.Minutes} minutes.",
        };
    }

    Route Suspending(ReplyRule rule, DateTimeOffset now, Provider provider)
    {
        var trips = Trips + 1;
        var wait = TimeSpan.FromMinutes(Math.Min(WaitMax.TotalMinutes, rule.Minutes * Math.Pow(2, Math.Min(trips - 1, DoublingsMax))));
        return this with
        {
            State = RouteState.Suspended,
            Until = now + wait,
            Connections = 0,
            Trips = trips,
            InARow = 0,
            HasAccepted = false,
            Rule = rule.Id,
            Reason = Waiting(rule, provider, trips),
        };
    }

    Route Stopping(ReplyRule rule, Provider provider) => this with
    {
        State = RouteState.Stopped,
        Until = null,
        Connections = 0,
        InARow = 0,
        HasAccepted = false,
        Rule = rule.Id,
        Reason = $"{rule.Meaning} Nothing goes to {provider.Name} until the cause is mended and a person resumes.",
    };

    // A step is over when its time is and something was accepted in it: silence proves nothing.
    Route Stepped(DateTimeOffset now, Provider provider)
    {
        if (!HasAccepted) return this;
        return Connections >= provider.ConnectionsMax
            ? New(provider) with { Reason = $"{provider.Name} took everything again." }
            : (this with { HasAccepted = false }).Opened(Connections + 1, now, provider);
    }

    Route Opened(int connections, DateTimeOffset now, Provider provider) => this with
    {
        Connections = Math.Min(connections, provider.ConnectionsMax),
        Until = now + Step,
        Reason = $"Back at {provider.Name} with {Few(connections)} of {provider.ConnectionsMax}; one more after {Step.TotalMinutes:0} minutes in which mail is accepted and nothing refused.",
    };

    static string Waiting(ReplyRule rule, Provider provider, int trips) =>
        $"{rule.Meaning} Nothing goes to {provider.Name} for now{(trips > 1 ? $", longer than before because it is time {trips}" : "")}; then it starts again on one connection.";

    static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;

    static string Few(int connections) => connections == 1 ? "one connection" : $"{connections} connections";
}
