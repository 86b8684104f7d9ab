using PenguinMails.Insight;

namespace PenguinMails.Oversight.Answers;

/// <summary>What is said to a leader's question: a sentence first, its verdict beside it, the number second, and the page with what it stands on.</summary>
/// <param name="Sentence">One plain sentence; when nothing can be said yet, what is missing and when it will be there.</param>
/// <param name="Direction">Null where the question is not about a direction, such as what a contract commits to.</param>
/// <param name="Number">With its unit and period, such as "4.1 % of accepted mail, 16 to 22 November"; null when there is none.</param>
/// <param name="Href">The page that shows the evidence.</param>
/// <param name="IsMissing">Nothing can be said yet.</param>
public sealed record Answer(string Sentence, Direction? Direction, string? Number, string Href, bool IsMissing)
{
    public static Answer Missing(string sentence, string href) => new(sentence, Insight.Direction.NotEnoughData, null, href, true);
}
