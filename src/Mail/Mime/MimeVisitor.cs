namespace PenguinMails.Mail.Mime;

/// <summary>Is told what a message consists of while it streams by (<see cref="MimeStreamReader"/>); does nothing where it is not overridden.</summary>
public abstract class MimeVisitor
{
    /// <summary>A part begins; calls until its <see cref="End"/> are about it or what is inside it.</summary>
    /// <param name="path">1 for the message, 1.2 for the second part of it.</param>
    public virtual void Begin(string path, MimeHead head)
    {
    }

    /// <summary>A piece of the innermost part's body with its transfer encoding undone; up to 64 KiB, valid during the call only.</summary>
    public virtual void Content(ReadOnlySpan<byte> octets)
    {
    }

    /// <summary>The part that began last and has not ended is over.</summary>
    /// <param name="isCut">True when a limit left something of it unread.</param>
    public virtual void End(string path, bool isCut)
    {
    }
}
