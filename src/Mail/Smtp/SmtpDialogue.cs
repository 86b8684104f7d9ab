namespace PenguinMails.Mail.Smtp;

/// <summary>One line of a conversation.</summary>
/// <param name="At">Since the dialogue began.</param>
/// <param name="IsClient">True for what we said.</param>
/// <param name="Text">Without line end, controls replaced, at most 512 characters; secrets replaced before they got here.</param>
public sealed record DialogueLine(TimeSpan At, bool IsClient, string Text);

/// <summary>What two mail programs said to each other, for showing to the owner of the mailbox: at most 200 lines.</summary>
public sealed class SmtpDialogue(TimeProvider clock)
{
    public const int LinesMax = 200;
    public const int LineLengthMax = 512;

    readonly long began = clock.GetTimestamp();
    readonly List<DialogueLine> lines = [];

    public IReadOnlyList<DialogueLine> Lines => lines;

    /// <summary>True when something was said after the 200th line.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Records a line of ours that carries no secret.</summary>
    internal void Client(string text) => Add(true, text);

    internal void Server(string text) => Add(false, text);

    void Add(bool isClient, string text)
    {
        if (lines.Count >= LinesMax) { IsCut = true; return; }
        var shown = text.Length > LineLengthMax ? text[..LineLengthMax] : text;
        lines.Add(new DialogueLine(clock.GetElapsedTime(began), isClient, SmtpReply.Printable(shown)));
    }
}
