using PenguinMails.Delivery.Tracking;
using PenguinMails.Mail.Addresses;

namespace PenguinMails.Modules.Tests.Delivery.Tracking;

/// <summary>Who follows a link: each rule beside the nearest case that it leaves alone.</summary>
public sealed class JudgeVisitsTests
{
    const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    static readonly DateTimeOffset Sent = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    static Visit At(double seconds, VisitKind kind = VisitKind.Click, int number = 0, bool isHead = false, string agent = Firefox) =>
        new(Guid.CreateVersion7(Sent.AddSeconds(seconds)), Sent.AddSeconds(seconds), kind, number, isHead, agent);

    static string Judge(int links, Visit visit, params Visit[] others) => JudgeVisits.Machine(visit, Sent, links, [visit, .. others], Soon);

    [Theory]
    [InlineData(9.9, "too_soon")]
    [InlineData(10, "")]
    [InlineData(86_400, "")]
    public void What_comes_as_the_message_is_handed_over_is_a_machine(double seconds, string expected) => Assert.Equal(expected, Judge(2, At(seconds)));

    [Fact]
    public void What_comes_before_the_message_was_offered_to_anybody_is_a_machine() => Assert.Equal("too_soon", JudgeVisits.Machine(At(100), null, 1, [At(100)], Soon));

    [Fact]
    public void Without_a_wait_time_gives_nobody_away() => Assert.Equal("", JudgeVisits.Machine(At(-0.05), Sent, 2, [At(-0.05)], TimeSpan.Zero));

    [Theory]
    [InlineData(60, "trap")]
    [InlineData(61, "")]
    public void The_trap_taints_what_comes_within_a_minute(double later, string expected) => Assert.Equal(expected, Judge(4, At(100 + later), At(100, VisitKind.Trap, agent: "other")));

    [Fact]
    public void Asking_with_head_gives_away_the_same_agent_and_no_other()
    {
        Assert.Equal("head", Judge(4, At(100, isHead: true)));
        Assert.Equal("head", Judge(4, At(101), At(100, isHead: true)));
        Assert.Equal("", Judge(4, At(161), At(100, isHead: true)));
        Assert.Equal("", Judge(4, At(101), At(100, isHead: true, agent: "another")));
    }

    [Theory]
    [InlineData(1, "")] // One link is all there is, and a person follows it.
    [InlineData(2, "all_links")]
    [InlineData(5, "")] // Two of five within ten seconds: a person who looks around.
    public void Every_link_at_once_is_a_machine(int links, string expected) =>
        Assert.Equal(expected, links == 1 ? Judge(1, At(100)) : Judge(links, At(100), At(103, number: 1)));

    [Fact]
    public void Three_links_at_once_are_a_machine_and_the_same_one_three_times_is_not()
    {
        Assert.Equal("all_links", Judge(9, At(100), At(104, number: 1), At(110, number: 2)));
        Assert.Equal("", Judge(9, At(100), At(104, number: 1), At(111, number: 2)));
        Assert.Equal("", Judge(9, At(100), At(101), At(102)));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", VisitKind.Click, "agent")]
    [InlineData("Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b", VisitKind.Click, "agent")]
    [InlineData("python-requests/2.32", VisitKind.Click, "agent")]
    [InlineData("", VisitKind.Click, "agent")]
    [InlineData("Mozilla/5.0", VisitKind.Open, "agent")] // Apple Mail fetches ahead under this name …
    [InlineData("Mozilla/5.0", VisitKind.Click, "")] // … and follows links only when its reader does.
    [InlineData("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", VisitKind.Open, "")]
    [InlineData(Firefox, VisitKind.Open, "")]
    public void Programs_that_say_who_they_are_are_believed(string agent, VisitKind kind, string expected) => Assert.Equal(expected, Judge(4, At(1000, kind, agent: agent)));

    [Fact]
    public void Every_known_visitor_has_a_source_and_is_written_as_it_is_looked_for()
    {
        Assert.All(KnownVisitor.All, known =>
        {
            Assert.NotEmpty(known.Source);
            Assert.NotEmpty(known.Meaning);
            Assert.Equal(known.Phrase.ToLowerInvariant(), known.Phrase);
            Assert.Contains(known.Visits, new[] { "all", "opens" });
        });
        Assert.Equal(KnownVisitor.All.Count, KnownVisitor.All.DistinctBy(known => known.Phrase).Count());
    }

    [Theory]
    [InlineData("DE", "a@acme.com", false)]
    [InlineData("US", "a@acme.de", true)] // What is said of the person counts before the domain's ending.
    [InlineData("is", "a@acme.com", false)]
    [InlineData(null, "a@acme.fr", false)]
    [InlineData(null, "a@acme.com.au", true)]
    [InlineData("", "a@acme.com", false)] // Nobody knows, so it counts as inside.
    [InlineData(null, "a@acme.io", false)] // An ending of a country that everybody buys.
    [InlineData(null, "a@acme.eu", false)]
    [InlineData("GB", "a@acme.eu", true)]
    public void Recipients_who_may_be_in_the_EEA_are_not_tracked_unless_the_sender_holds_consent(string? country, string address, bool expected)
    {
        Assert.Equal(expected, TrackingReach.OutsideEea.Allows(country, EmailAddress.Parse(address)));
        Assert.True(TrackingReach.Everywhere.Allows(country, EmailAddress.Parse(address)));
    }
}
