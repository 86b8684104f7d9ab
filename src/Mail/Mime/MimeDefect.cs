namespace PenguinMails.Mail.Mime;

/// <summary>What was wrong in a message and how reading went on. The names are public and never change.</summary>
public enum MimeDefectCode
{
    /// <summary>A line "From …" of an mbox store stood before the header (RFC 4155); left out.</summary>
    MboxFromLine,

    /// <summary>A byte order mark stood before the header; left out.</summary>
    ByteOrderMark,

    /// <summary>Empty lines stood before the header; left out.</summary>
    BlankLinesBeforeHeader,

    /// <summary>A line of the header was neither a field nor a continuation; joined to an unstructured field before it, else left out.</summary>
    HeaderLineInvalid,

    /// <summary>No empty line between header and body; the body begins with the line at the offset.</summary>
    HeaderEndMissing,

    /// <summary>A header field beyond <see cref="MimeLimits.HeaderOctetsMax"/>; cut there.</summary>
    HeaderTooLong,

    /// <summary>More fields than <see cref="MimeLimits.HeadersMax"/> or <see cref="MimeLimits.HeadersInAllMax"/>; the rest left out.</summary>
    HeadersTooMany,

    /// <summary>Octets beyond ASCII that are no UTF-8 (RFC 6532); read by the declared charset or a guess.</summary>
    HeaderCharsetGuessed,

    /// <summary>A field that may stand once (RFC 5322 3.6, RFC 2045 3) stands again; the first one counts.</summary>
    HeaderDuplicate,

    /// <summary>CRLF, LF and CR are mixed; each ends a line.</summary>
    LineEndsMixed,

    /// <summary>A NUL octet in a header; read as a space.</summary>
    NullOctet,

    /// <summary>A content type that is not one (RFC 2045 5.1); read as text/plain.</summary>
    ContentTypeInvalid,

    /// <summary>A multipart without a boundary parameter; the boundary was taken from the body.</summary>
    BoundaryMissing,

    /// <summary>The declared boundary does not occur, another does; taken from the body.</summary>
    BoundaryWrong,

    /// <summary>A multipart in which no boundary was found at all; its body is read as text.</summary>
    BoundaryAbsent,

    /// <summary>The last delimiter of a multipart is missing (RFC 2046 5.1.1); it ends where what contains it ends.</summary>
    BoundaryNotClosed,

    /// <summary>A multipart that claims base64 or quoted-printable (RFC 2045 6.4); read as it is.</summary>
    MultipartEncoded,

    /// <summary>A message inside a message under base64 or quoted-printable (RFC 2046 5.2.1); decoded and read.</summary>
    MessageEncoded,

    /// <summary>A transfer encoding nobody defined; the body is taken as it is.</summary>
    TransferEncodingUnknown,

    /// <summary>Characters outside base64 or a wrong end (RFC 2045 6.8); skipped.</summary>
    Base64Invalid,

    /// <summary>An equals sign that starts nothing (RFC 2045 6.7); kept as it is.</summary>
    QuotedPrintableInvalid,

    /// <summary>A charset label nobody defined; guessed.</summary>
    CharsetUnknown,

    /// <summary>Octets that cannot be in the labelled charset; guessed, or replaced by U+FFFD.</summary>
    CharsetWrong,

    /// <summary>Text beyond <see cref="MimeLimits.TextOctetsMax"/>; cut there.</summary>
    TextTooLong,

    /// <summary>Parts beyond <see cref="MimeLimits.PartsMax"/>; left unread.</summary>
    PartsTooMany,

    /// <summary>Parts deeper than <see cref="MimeLimits.DepthMax"/>; left unread.</summary>
    PartsTooDeep,
}

/// <summary>A repair made while reading.</summary>
/// <param name="Offset">Octets from the start of the input; inside a message that had to be decoded first, the offset of that message's body.</param>
public sealed record MimeDefect(MimeDefectCode Code, long Offset);

/// <summary>The defects of one reading, bounded, in order of discovery.</summary>
sealed class MimeDefects(int max)
{
    readonly List<MimeDefect> found = [];

    public IReadOnlyList<MimeDefect> Found => found;

    /// <summary>Set while a decoded inner message is read, whose own offsets mean nothing to the caller.</summary>
    public long? FixedOffset { get; set; }

    public void Add(MimeDefectCode code, long offset)
    {
        if (found.Count < max) found.Add(new MimeDefect(code, FixedOffset ?? offset));
    }
}
