using PenguinMails.Delivery.Pacing;
using PenguinMails.House.Tests;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>docs/states/route.md says what the breaker does.</summary>
public sealed class RouteDocTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);
    static readonly Provider Google = Provider.ById("google");

    static ReplyRule Rule(BackOff action) => ReplyRule.All.First(rule => rule.Action == action && rule.Occurrences == 1);

    static Route In(RouteState state) => state switch
    {
        RouteState.Flowing => Route.New(Google),
        RouteState.Slowed => Route.New(Google).Refused(Rule(BackOff.Slow), Start, Google),
        RouteState.Suspended => Route.New(Google).Refused(Rule(BackOff.Suspend), Start, Google),
        RouteState.Recovering => In(RouteState.Suspended).At(In(RouteState.Suspended).Until!.Value, Google),
        RouteState.Stopped => Route.New(Google).Refused(Rule(BackOff.Stop), Start, Google),
    };

    [Fact]
    public void Every_step_of_the_drawing_is_a_step_of_the_breaker_and_the_other_way_round()
    {
        var drawn = Tree.TextOf("docs/states/route.md")!.Split('\n').Select(line => line.Trim().Split(" --> ")).Where(parts => parts.Length == 2 && parts[0] != "[*]")
            .Select(parts => (From: parts[0], To: parts[1].Split(':')[0])).Where(step => step.From != step.To).ToHashSet();
        var made = new HashSet<(string, string)>();
        foreach (var state in Enum.GetValues<RouteState>())
        {
            var here = In(state);
            Assert.Equal(state, here.State);
            var now = here.Until is { } until && state != RouteState.Recovering ? until.AddTicks(-1) : Start.AddYears(1);
            var busy = state == RouteState.Recovering ? here with { Connections = Google.ConnectionsMax } : here;
            Route[] next =
            [
                here.Refused(Rule(BackOff.Slow), now, Google), here.Refused(Rule(BackOff.Suspend), now, Google), here.Refused(Rule(BackOff.Stop), now, Google),
                here.At(here.Until ?? now, Google), busy.Accepted(now, Google), here.Accepted(now, Google),
                here.Resumed(now, Google),
            ];
            foreach (var route in next.Where(route => route.State != state)) made.Add((Name(state), Name(route.State)));
        }

        Assert.Equal(drawn.Order(), made.Order());
    }

    static string Name(RouteState state) => state.ToString().ToLowerInvariant();
}
