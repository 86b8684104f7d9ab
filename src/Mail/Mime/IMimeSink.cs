namespace PenguinMails.Mail.Mime;

/// <summary>Where a machine reports what it finds: the tree of a message in memory, or the visitor of a stream.</summary>
interface IMimeSink
{
    /// <summary>True when <see cref="Body"/> is to be called.</summary>
    bool TakesBody { get; }

    /// <summary>A header is read; what follows is inside this part until it is closed.</summary>
    void Open(MimeHead head, long offset, long bodyOffset);

    /// <summary>Still encoded octets of the innermost part, which is no container.</summary>
    void Body(ReadOnlySpan<byte> octets);

    /// <summary>A limit left something of the innermost part unread.</summary>
    void Cut();

    void Close(long bodyEnd);
}

/// <summary>Parts counted over a message and the messages decoded inside it.</summary>
sealed class MimeCount
{
    public int Parts { get; set; }

    public bool IsOver { get; set; }
}
