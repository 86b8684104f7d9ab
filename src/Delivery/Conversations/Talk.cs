using System.Globalization;
using System.Text;
using PenguinMails.Delivery.Pacing;

namespace PenguinMails.Delivery.Conversations;

/// <summary>The words of a conversation: plain text without links, short, and the same for the same seed.</summary>
/// <param name="Turns">How many messages it has, 1 to <see cref="TurnsMax"/>.</param>
sealed record Talk(string Language, long Seed, int Turns)
{
    public const int TurnsMax = 5;

    /// <summary>Stands for the writer's name until the message is rendered.</summary>
    public const string Writer = "{me}";

    const double QuotedShare = 0.5;

    Phrases Phrases => Phrases.Of(Language);

    Topic Topic => Phrases.Topics[Pick("topic", 0, Phrases.Topics.Count)];

    /// <summary>How many messages a conversation of this seed has: one, and one more each time the draw says that it is answered.</summary>
    /// <param name="replyPercent">0 to 100.</param>
    public static int TurnsOf(long seed, int replyPercent)
    {
        var turns = 1;
        while (turns < TurnsMax && Jitter.Of(seed, 1000 + turns) * 100 < replyPercent) turns++;
        return turns;
    }

    /// <summary>Without "Re:".</summary>
    public string Subject
    {
        get
        {
            var filled = Fill(Chosen(Topic.Subjects, "subject", 0));
            return char.ToUpper(filled[0], CultureInfo.InvariantCulture) + filled[1..];
        }
    }

    /// <summary>What is said in one message, without greeting of the quoted text.</summary>
    /// <param name="turn">1 for the first message.</param>
    public string Body(int turn)
    {
        var says = turn == 1 ? Topic.Openers : turn == Turns ? Topic.Closings : Topic.Answers;
        var lead = turn > 1 && turn < Turns ? Fill(Chosen(Phrases.Leads, "lead", turn)) + " " : "";
        var body = Fill(Chosen(says, "body", turn));
        return $"{Fill(Chosen(Phrases.Greetings, "greeting", turn))}\n\n{lead}{char.ToUpper(body[0], CultureInfo.InvariantCulture)}{body[1..]}\n\n{Chosen(Phrases.Farewells, "farewell", turn)}\n";
    }

    /// <summary>The whole text; every other answer quotes what it answers.</summary>
    /// <param name="peer">Address of who wrote the message before.</param>
    /// <param name="writtenAt">When, on the answering writer's clock.</param>
    public string Text(int turn, string peer, DateTimeOffset writtenAt)
    {
        if (turn == 1 || Draw("quote", turn) >= QuotedShare) return Body(turn);
        var intro = Phrases.Quote.Replace("{date}", writtenAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{peer}", peer, StringComparison.Ordinal);
        // The other's name is not ours to write: it stands in the other's message only.
        var quoted = Body(turn - 1).Replace("\n" + Writer, "", StringComparison.Ordinal).TrimEnd('\n').Split('\n').Select(line => line.Length > 0 ? "> " + line : ">");
        return $"{Body(turn)}\n{intro}\n{string.Join('\n', quoted)}\n";
    }

    // One pass: what a slot is filled with has no slots.
    string Fill(string text)
    {
        var filled = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var (open, close) = (text.IndexOf('{', at), text.IndexOf('}', at));
            if (open < 0 || close < open) return filled.Append(text, at, text.Length - at).ToString();
            var name = text[(open + 1)..close];
            filled.Append(text, at, open - at).Append(Chosen(Phrases.Slots[name], name, 0));
            at = close + 1;
        }

        return filled.ToString();
    }

    string Chosen(IReadOnlyList<string> of, string what, int turn) => of[Pick(what, turn, of.Count)];

    int Pick(string what, int turn, int count) => Math.Min(count - 1, (int)(Draw(what, turn) * count));

    double Draw(string what, int turn) => Jitter.Of(Seed ^ Hash(what), turn);

    // Not string.GetHashCode, which differs from process to process.
    static long Hash(string what) => what.Aggregate(17L, (hash, letter) => unchecked((hash * 1_000_003) + letter));
}
