namespace PenguinMails.Oversight.Answers;

/// <summary>Who asks.</summary>
public enum Asker { Finance, Operations, Solo, Everybody }

/// <summary>A question a leader asks, with its answer.</summary>
/// <param name="Id">Q01 to Q25, never renamed.</param>
public sealed record AnsweredQuestion(string Id, Asker Asker, string Question, Answer Answer);
