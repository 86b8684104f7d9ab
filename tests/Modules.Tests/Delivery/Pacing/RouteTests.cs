using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Modules.Tests.Delivery.Pacing;

/// <summary>The circuit breaker of a route, against scripted replies.</summary>
public sealed class RouteTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);
    static readonly Provider Google = Provider.ById("google");

    // "minute reply" each; ok is an accepted message, anything else a reply of the server.
    static Route Play(Provider provider, params (int Minute, string Reply)[] script) => script.Aggregate(Route.New(provider), (route, step) =>
    {
        var now = Start.AddMinutes(step.Minute);
        if (step.Reply == "ok") return route.Accepted(now, provider);
        if (step.Reply == "resume") return route.Resumed(now, provider);
        var words = step.Reply.Split(' ', 3);
        return route.Refused(ReplyRule.Of(provider.Id, int.Parse(words[0]), words.ElementAtOrDefault(1) is "-" or null ? null : words[1], words.ElementAtOrDefault(2) ?? ""), now, provider);
    });

    const string Rate = "421 4.7.28 unusual rate";

    [Fact]
    public void Gmail_rate_stops_ten_minutes_and_comes_back_on_one_connection()
    {
        var route = Play(Google, (0, "ok"), (1, Rate));
        Assert.Equal((RouteState.Suspended, 0, Start.AddMinutes(11), "google_rate"), (route.State, route.Connections, route.Until, route.Rule));
        Assert.False(route.At(Start.AddMinutes(11).AddTicks(-1), Google).MayOpen);
        var back = route.At(Start.AddMinutes(11), Google);
        Assert.Equal((RouteState.Recovering, 1), (back.State, back.Connections));
    }

    [Fact]
    public void One_connection_is_added_for_each_ten_minutes_in_which_mail_is_accepted()
    {
        var route = Play(Google, (0, Rate));
        for (var connections = 1; connections <= Google.ConnectionsMax; connections++)
        {
            var begins = Start.AddMinutes(10 * connections);
            Assert.Equal(connections, route.At(begins, Google).Connections);
            route = route.Accepted(begins.AddMinutes(1), Google);
            Assert.Equal(connections, route.At(begins.AddMinutes(10).AddTicks(-1), Google).Connections);
            route = route.At(begins.AddMinutes(10), Google);
        }

        Assert.Equal((RouteState.Flowing, Google.ConnectionsMax, 0), (route.State, route.Connections, route.Trips));
    }

    [Fact]
    public void Silence_adds_no_connection()
    {
        var route = Play(Google, (0, Rate)).At(Start.AddHours(9), Google).At(Start.AddHours(18), Google);
        Assert.Equal((RouteState.Recovering, 1), (route.State, route.Connections));
        Assert.Equal(2, route.Accepted(Start.AddHours(18), Google).Connections);
    }

    [Fact]
    public void When_it_recurs_while_recovering_it_falls_back_and_waits_twice_as_long()
    {
        var route = Play(Google, (0, Rate), (11, "ok"), (21, "ok"), (22, Rate));
        Assert.Equal((RouteState.Suspended, Start.AddMinutes(42), 2), (route.State, route.Until, route.Trips));
        route = route.Refused(ReplyRule.Of("google", 421, "4.7.28", ""), Start.AddMinutes(42), Google);
        Assert.Equal((RouteState.Suspended, Start.AddMinutes(82), 3), (route.State, route.Until, route.Trips));
    }

    [Fact]
    public void Wait_never_exceeds_a_day()
    {
        var (route, now, waits) = (Route.New(Google), Start, new List<TimeSpan>());
        for (var i = 0; i < 40; i++)
        {
            route = route.Refused(ReplyRule.Of("google", 421, "4.7.28", ""), now, Google);
            waits.Add(route.Until!.Value - now);
            now = route.Until.Value;
        }

        Assert.Equal([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440], waits.Take(10).Select(wait => wait.TotalMinutes));
        Assert.All(waits.Skip(8), wait => Assert.Equal(TimeSpan.FromHours(24), wait));
    }

    [Fact]
    public void Replies_to_what_was_on_its_way_are_the_same_trip()
    {
        var route = Play(Google, (0, Rate), (0, Rate), (1, Rate), (2, Rate));
        Assert.Equal((RouteState.Suspended, 1, Start.AddMinutes(12)), (route.State, route.Trips, route.Until));
    }

    [Fact]
    public void Accepted_late_while_suspended_opens_nothing() => Assert.Equal(RouteState.Suspended, Play(Google, (0, Rate), (1, "ok")).State);

    [Fact]
    public void Too_many_connections_slow_the_route_for_an_hour()
    {
        var other = Provider.Of("mx.firm.example");
        var route = Play(other, (0, "421 4.7.0 too many connections"));
        Assert.Equal((RouteState.Slowed, 1, Start.AddMinutes(60)), (route.State, route.Connections, route.Until));
        Assert.Equal(RouteState.Slowed, route.At(Start.AddMinutes(60).AddTicks(-1), other).State);
        Assert.Equal((RouteState.Flowing, other.ConnectionsMax), (route.At(Start.AddMinutes(60), other).State, route.At(Start.AddMinutes(60), other).Connections));
    }

    [Theory]
    [InlineData(2, RouteState.Flowing)]
    [InlineData(3, RouteState.Slowed)]
    public void Closing_servers_are_slowed_after_three_in_a_row(int times, RouteState state)
    {
        var other = Provider.Of("mx.firm.example");
        Assert.Equal(state, Play(other, [.. Enumerable.Range(0, times).Select(i => (i, "421 - Service closing"))]).State);
    }

    [Fact]
    public void An_accepted_message_ends_the_row()
    {
        var other = Provider.Of("mx.firm.example");
        Assert.Equal(RouteState.Flowing, Play(other, (0, "421 -"), (1, "421 -"), (2, "ok"), (3, "421 -"), (4, "421 -")).State);
        Assert.Equal(RouteState.Flowing, Play(other, (0, "421 -"), (1, "421 -"), (2, "451 -"), (3, "421 -"), (4, "421 -")).State);
    }

    [Theory]
    [InlineData(4, RouteState.Flowing)]
    [InlineData(5, RouteState.Suspended)]
    public void Lost_connections_suspend_after_five_in_a_row(int times, RouteState state)
    {
        var other = Provider.Of("mx.firm.example");
        Assert.Equal(state, Play(other, [.. Enumerable.Range(0, times).Select(i => (i, "0"))]).State);
    }

    [Fact]
    public void Greylisting_a_full_mailbox_and_an_unknown_recipient_change_nothing() => Assert.Equal(
        Route.New(Google), Play(Google, (0, "451 4.7.1 greylisted"), (1, "452 4.2.2 full"), (2, "550 5.1.1 no such user")));

    [Fact]
    public void Failed_authentication_stops_until_a_person_resumes()
    {
        var route = Play(Google, (0, "550 5.7.26 unauthenticated"));
        Assert.Equal((RouteState.Stopped, 0, (DateTimeOffset?)null), (route.State, route.Connections, route.Until));
        Assert.Equal(RouteState.Stopped, route.At(Start.AddYears(1), Google).State);
        Assert.Equal(RouteState.Stopped, route.Refused(ReplyRule.Of("google", 421, "4.7.28", ""), Start.AddMinutes(1), Google).State);
        var resumed = route.Resumed(Start.AddDays(1), Google);
        Assert.Equal((RouteState.Recovering, 1, 0), (resumed.State, resumed.Connections, resumed.Trips));
    }

    [Fact]
    public void A_stop_that_arrives_while_suspended_stops() => Assert.Equal(RouteState.Stopped, Play(Google, (0, Rate), (1, "550 5.7.26 no")).State);

    [Fact]
    public void Resuming_what_flows_changes_nothing() => Assert.Equal(Route.New(Google), Route.New(Google).Resumed(Start, Google));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_the_limits_of_the_profile_hold(int seed)
    {
        var random = new Random(seed);
        var (route, now) = (Route.New(Google), Start);
        for (var i = 0; i < 500; i++)
        {
            now = now.AddSeconds(random.Next(600));
            var before = route.At(now, Google);
            var rule = ReplyRule.All[random.Next(ReplyRule.All.Count)];
            route = random.Next(3) == 0 ? route.Refused(rule, now, Google) : random.Next(50) == 0 ? route.Resumed(now, Google) : route.Accepted(now, Google);
            Assert.InRange(route.Connections, 0, Google.ConnectionsMax);
            Assert.True(route.Connections <= before.Connections + 1 || route.State == RouteState.Flowing, $"seed {seed}, event {i}");
            Assert.Equal(route.State is RouteState.Suspended or RouteState.Stopped, !route.MayOpen);
            Assert.Equal(route.State is RouteState.Flowing or RouteState.Stopped, route.Until is null);
            Assert.True(route.GapSeconds >= Google.GapSeconds, $"seed {seed}, event {i}");
            Assert.NotEmpty(route.Reason);
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];
}
