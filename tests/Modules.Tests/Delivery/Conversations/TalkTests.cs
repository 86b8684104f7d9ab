using PenguinMails.Delivery.Conversations;

namespace PenguinMails.Modules.Tests.Delivery.Conversations;

/// <summary>What conversations say: plain, short, varied, and the same for the same seed.</summary>
public sealed class TalkTests
{
    static readonly DateTimeOffset At = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Languages => [.. Phrases.Languages];

    static IEnumerable<string> All(Phrases phrases) => phrases.Greetings.Concat(phrases.Leads).Concat(phrases.Farewells).Concat(phrases.Slots.SelectMany(slot => slot.Value))
        .Concat(phrases.Topics.SelectMany(topic => topic.Subjects.Concat(topic.Openers).Concat(topic.Answers).Concat(topic.Closings)));

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_slot_is_known_and_used_and_nothing_is_said_twice(string language)
    {
        var phrases = Phrases.Of(language);
        Assert.Equal(language, phrases.Language);
        var asked = All(phrases).SelectMany(text => text.Split('{').Skip(1).Select(rest => rest.Split('}')[0])).Where(name => name != "me").ToHashSet();
        Assert.Equal(phrases.Slots.Keys.Order(), asked.Order());
        Assert.All(phrases.Topics, topic => Assert.True(topic is { Subjects.Count: >= 3, Openers.Count: >= 3, Answers.Count: >= 3, Closings.Count: >= 3 }));
        Assert.Equal(phrases.Topics.Sum(topic => topic.Openers.Count), phrases.Topics.SelectMany(topic => topic.Openers).Distinct().Count());
        Assert.All(phrases.Farewells, farewell => Assert.EndsWith("\n{me}", farewell));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Texts_are_short_plain_and_filled(string language)
    {
        for (var seed = 0L; seed < 500; seed++)
        {
            var talk = new Talk(language, seed, 1 + (int)(seed % Talk.TurnsMax));
            for (var turn = 1; turn <= talk.Turns; turn++)
            {
                var text = talk.Text(turn, "peer@other.example", At);
                Assert.True(text.Length < 900, text);
                Assert.DoesNotContain('{', text.Replace(Talk.Writer, "", StringComparison.Ordinal));
                Assert.DoesNotContain("http", text, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("www", text, StringComparison.OrdinalIgnoreCase);
                Assert.Single(text.Split(Talk.Writer).Skip(1)); // The other's name is nowhere.
            }

            Assert.InRange(talk.Subject.Length, 3, 78);
            Assert.False(talk.Subject.Contains('{') || talk.Subject.StartsWith("Re:", StringComparison.Ordinal), talk.Subject);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_thousand_conversations_begin_in_many_ways(string language)
    {
        var first = Enumerable.Range(0, 1000).Select(seed => new Talk(language, seed, 1).Body(1)).ToList();
        Assert.True(first.Distinct().Count() > 900, $"{first.Distinct().Count()} of 1,000");
        Assert.Equal(first[7], new Talk(language, 7, 1).Body(1));
    }

    [Fact]
    public void Length_follows_the_reply_percent()
    {
        int[] Turns(int percent) => [.. Enumerable.Range(0, 10_000).Select(seed => Talk.TurnsOf(seed, percent))];
        Assert.All(Turns(0), turns => Assert.Equal(1, turns));
        Assert.InRange(Turns(30).Count(turns => turns > 1), 2_850, 3_150);
        Assert.All(Turns(80), turns => Assert.InRange(turns, 1, Talk.TurnsMax));
        Assert.All(Turns(100), turns => Assert.Equal(Talk.TurnsMax, turns));
    }

    [Fact]
    public void Some_answers_quote_what_they_answer()
    {
        var answers = Enumerable.Range(0, 200).Select(seed => (Talk: new Talk("en", seed, 2), Text: new Talk("en", seed, 2).Text(2, "peer@other.example", At))).ToList();
        Assert.InRange(answers.Count(answer => answer.Text.Contains("> ", StringComparison.Ordinal)), 60, 140);
        Assert.All(answers.Where(answer => answer.Text.Contains("> ", StringComparison.Ordinal)), answer =>
        {
            Assert.Contains("On 2026-03-02 09:00 peer@other.example wrote:\n> ", answer.Text);
            Assert.Contains("> " + answer.Talk.Body(1).Split('\n')[2], answer.Text);
        });
    }
}
