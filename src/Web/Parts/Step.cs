namespace PenguinMails.Web.Parts;

public enum StepStage { Done, Current, Todo }

/// <summary>A line of <see cref="Steps"/>.</summary>
/// <param name="Text">Done: what came out. Open: why it is needed.</param>
/// <param name="Action">The verb on its button; "Open" if null.</param>
public sealed record Step(string Title, string Text, StepStage Stage, string? Href = null, string? Action = null);

/// <summary>A line of an SMTP or IMAP conversation.</summary>
/// <param name="After">Time since the connection was begun; null hides it.</param>
public sealed record DialogueLine(bool IsClient, string Text, TimeSpan? After = null);

/// <summary>A choice of a select field; <paramref name="Group"/> puts neighbours with the same name under one heading.</summary>
public sealed record Option(string Value, string Text, string? Group = null);
