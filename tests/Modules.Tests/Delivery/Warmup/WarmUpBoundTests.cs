using PenguinMails.Delivery.Guards;
using PenguinMails.Delivery.Warmup;
using PenguinMails.House.Tests;

namespace PenguinMails.Modules.Tests.Delivery.Warmup;

/// <summary>Whatever comes back, the bounds hold; and the document says what the controller does.</summary>
public sealed class WarmUpBoundTests
{
    static readonly DateOnly Start = new(2026, 11, 30);

    // Any signals, now and then an idle stretch, a pause or a holiday.
    static IEnumerable<(WarmUpState Before, WarmUpState After)> Walk(WarmUpProfile profile, int seed, bool isAlwaysFull)
    {
        var random = new Random(seed);
        var trouble = random.NextDouble() * random.NextDouble() * 0.3;
        var state = WarmUp.Start(profile, Start, seed, false);
        for (var i = 0; i < 250; i++)
        {
            var before = state;
            var sent = isAlwaysFull || random.Next(5) > 0 ? state.Budget : random.Next(state.Budget + 1);
            int Some() => Enumerable.Range(0, Math.Min(sent, 200)).Count(_ => random.NextDouble() < trouble * random.NextDouble());
            var signals = new WarmUpSignals(sent, Some(), Some(), Some(), random.Next(20) == 0 ? 1 : 0, sent / 2, Some() / 2, random.Next(sent / 3 + 1));
            if (!isAlwaysFull && random.Next(40) == 0) state = WarmUp.Pause(state, "Paused.");
            else if (!isAlwaysFull && state.Phase == WarmUpPhase.Paused && random.Next(4) == 0) state = WarmUp.Resume(state, profile);
            else state = WarmUp.Next(state, profile, signals, state.On.AddDays(!isAlwaysFull && random.Next(40) == 0 ? random.Next(2, 50) : 1), seed, !isAlwaysFull && random.Next(30) == 0);
            yield return (before, state);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bounds_hold_on_every_day(GuardSubject subject, int seed)
    {
        var profile = WarmUpProfile.Of(subject);
        foreach (var (before, after) in Walk(profile, seed, isAlwaysFull: false))
        {
            var at = $"seed {seed}, {after.On}: {before} became {after}";
            Assert.True(after.Level >= profile.Start && after.Level <= profile.Max, at);
            Assert.True(after.Budget >= 0 && after.Budget <= profile.Max, at);
            Assert.True(after.Level <= Math.Max(before.Level, before.Level + profile.StepMax), at);
            Assert.True(after.Level <= before.Level || after.Level <= MarketCurve.Of(profile.Curve).On(after.Day), at);
            Assert.True(after.History.Count <= WarmUpReading.Days && after.Sentence.Length > 0, at);
            Assert.True(after.Phase != WarmUpPhase.Paused || after.Budget == 0, at);
            Assert.True(!profile.IsRestDay(after.On) || after.On == before.On || after.Budget == 0, at);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_day_of_sending_never_doubles_the_one_before(GuardSubject subject, int seed)
    {
        var (profile, last) = (WarmUpProfile.Of(subject), 0);
        foreach (var (_, after) in Walk(profile, seed, isAlwaysFull: true).Where(step => step.After.Budget > 0))
        {
            Assert.True(last == 0 || after.Budget <= Math.Max(2 * last, profile.Start), $"seed {seed}, {after.On}: {last} became {after.Budget}");
            last = after.Budget;
        }
    }

    public static TheoryData<GuardSubject, int> Cases => [.. from subject in new[] { GuardSubject.Mailbox, GuardSubject.Domain, GuardSubject.Ip } from seed in Enumerable.Range(1, 30) select (subject, seed)];

    [Fact]
    public void Document_draws_every_step_that_happens_and_no_other()
    {
        var text = Tree.TextOf("docs/states/warm-up.md")!;
        var drawn = text.Split('\n').Select(line => line.Trim().Split(" --> ")).Where(parts => parts.Length == 2 && parts[0] != "[*]")
            .Select(parts => parts[0] + " --> " + parts[1].Split(':')[0]).ToHashSet();
        var made = Cases.SelectMany(row => Walk(WarmUpProfile.Of(row.Data.Item1), row.Data.Item2, isAlwaysFull: false)).Where(step => step.Before.Phase != step.After.Phase)
            .Select(step => $"{Snake(step.Before.Phase)} --> {Snake(step.After.Phase)}").ToHashSet();
        Assert.Equal(string.Join('\n', drawn.Order()), string.Join('\n', made.Order()));
        Assert.All(Enum.GetValues<WarmUpReason>(), reason => Assert.Contains($"| `{Snake(reason)}` |", text));
        Assert.All(Enum.GetValues<WarmUpBand>(), band => Assert.Contains($"| {Snake(band)} |", text));
    }

    static string Snake(Enum value) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    [Fact]
    public void Curves_and_profiles_are_whole()
    {
        Assert.Equal(MarketCurve.All.Count, MarketCurve.All.Select(curve => curve.Id).Distinct().Count());
        Assert.All(MarketCurve.All, curve => Assert.True(curve.Points.Zip(curve.Points.Skip(1)).All(pair => pair.First[0] < pair.Second[0] && pair.First[1] <= pair.Second[1]) && curve.Points[0][0] == 1 && curve.Source.Length > 10, curve.Id));
        Assert.All(WarmUpProfile.All, profile => Assert.True(profile.Max <= MarketCurve.Of(profile.Curve).Max && profile.Start <= MarketCurve.Of(profile.Curve).On(1) && MarketCurve.Of(profile.Curve).Subject == profile.Subject));
    }

    [Theory]
    [InlineData("five_plus_one", 1, 5)]
    [InlineData("five_plus_one", 2, 6)]
    [InlineData("five_plus_one", 46, 50)]
    [InlineData("five_plus_one", 90, 50)]
    [InlineData("five_plus_two", 23, 49)]
    [InlineData("five_plus_two", 24, 50)]
    [InlineData("smartlead", 3, 9)]
    [InlineData("smartlead", 4, 12)]
    [InlineData("smartlead", 20, 50)]
    [InlineData("revrep", 14, 0)]
    [InlineData("revrep", 22, 14)]
    [InlineData("resend_ip", 28, 10000)]
    public void Curve_has_a_value_for_every_day(string curve, int day, int messages) => Assert.Equal(messages, MarketCurve.Of(curve).On(day));
}
