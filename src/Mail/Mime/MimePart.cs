using System.Buffers;

namespace PenguinMails.Mail.Mime;

/// <summary>A message, or a part of one (RFC 2045), as others sent it: nothing in it can be trusted and nothing in it makes reading throw.</summary>
public sealed class MimePart
{
    readonly MimeLimits limits;

    internal MimePart(MimeHead head, long offset, long bodyOffset, MimeLimits limits)
    {
        this.limits = limits;
        Head = head;
        Offset = offset;
        BodyOffset = bodyOffset;
    }

    /// <summary>The header and what it says about the body.</summary>
    public MimeHead Head { get; }

    public IReadOnlyList<MimeHeader> Headers => Head.Headers;

    /// <inheritdoc cref="MimeHead.MediaType"/>
    public string MediaType => Head.MediaType;

    /// <inheritdoc cref="MimeHead.TypeParameters"/>
    public IReadOnlyDictionary<string, string> TypeParameters => Head.TypeParameters;

    /// <inheritdoc cref="MimeHead.IsAttachment"/>
    public bool IsAttachment => Head.IsAttachment;

    /// <inheritdoc cref="MimeHead.FileName"/>
    public string? FileName => Head.FileName;

    /// <summary>Octets below the header, still encoded.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>Octets from the start of the input to the header; inside a message that had to be decoded, from that message's start.</summary>
    public long Offset { get; }

    /// <summary>The same for the body.</summary>
    public long BodyOffset { get; }

    /// <summary>Of a multipart; or the one message inside message/rfc822; or the header inside text/rfc822-headers.</summary>
    public IReadOnlyList<MimePart> Parts { get; internal set; } = [];

    /// <summary>Repairs in the structure of the whole message, on its outermost part only; those of bodies show when these are decoded.</summary>
    public IReadOnlyList<MimeDefect> Defects { get; internal set; } = [];

    internal MimePart? FirstPart => Parts.Count > 0 ? Parts[0] : null;

    /// <summary>Set when the body lies in an inner message that was decoded first: its offset in the input.</summary>
    internal long? DecodedAt { get; init; }

    /// <summary>True when a limit left something of this part unread.</summary>
    public bool IsCut { get; internal set; }

    /// <inheritdoc cref="MimeHead.Raw"/>
    public string? Raw(string name) => Head.Raw(name);

    /// <inheritdoc cref="MimeHead.Header"/>
    public string? Header(string name) => Head.Header(name);

    /// <summary>The body with its transfer encoding undone; broken encodings give what can be read of them.</summary>
    public byte[] Content() => Content(null);

    /// <summary>The body as text by its charset, a wrong or unknown one guessed; at most the limit of text; lines as they were sent.</summary>
    public string Text() => Text(null);

    /// <summary>The part and everything below it, outermost first.</summary>
    public IEnumerable<MimePart> All()
    {
        yield return this;
        foreach (var part in Parts)
            foreach (var inner in part.All())
                yield return inner;
    }

    /// <summary>What a person would read: the first plain text that is no attachment, else the first HTML as text, else empty.</summary>
    /// <remarks>Does not look into messages forwarded or returned. Lines that RFC 3676 lets flow are joined.</remarks>
    public string ReadableText()
    {
        var shown = Shown().ToList();
        if (shown.Find(part => part.MediaType == "text/plain") is { } plain) return FlowedText.Of(plain, plain.Text());
        return shown.Find(part => part.MediaType == "text/html") is { } html ? HtmlText.Of(html.Text()) : "";
    }

    internal byte[] Content(MimeDefects? defects) =>
        TransferDecoding.Decode(Body.Span, IsContainer ? null : Head.Encoding, FlowedText.IsFlowed(Head), defects, DecodedAt ?? BodyOffset);

    internal string Text(MimeDefects? defects)
    {
        if (Head.Encoding is not ("base64" or "quoted-printable") || IsContainer)
            return Text(Head.Encoding == "x-uuencode" ? Content(defects) : Body.Span, defects);
        var rented = ArrayPool<byte>.Shared.Rent(Body.Length + 3);
        try
        {
            var length = TransferDecoding.Decode(Body.Span, rented, Head.Encoding, FlowedText.IsFlowed(Head), defects, DecodedAt ?? BodyOffset);
            return Text(rented.AsSpan(0, length), defects);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // RFC 2045 6.4: what a multipart claims about its encoding is not true of the octets between its parts.
    bool IsContainer => Head.IsMultipart;

    string Text(ReadOnlySpan<byte> octets, MimeDefects? defects)
    {
        if (octets.Length > limits.TextOctetsMax)
        {
            octets = octets[..limits.TextOctetsMax];
            defects?.Add(MimeDefectCode.TextTooLong, DecodedAt ?? BodyOffset);
        }
        var label = Head.Charset ?? (MediaType == "text/html" ? HtmlCharset.Of(octets) : null);
        var text = Charsets.Text(octets, label, out var fit);
        if (fit != CharsetFit.Good) defects?.Add(fit == CharsetFit.Unknown ? MimeDefectCode.CharsetUnknown : MimeDefectCode.CharsetWrong, DecodedAt ?? BodyOffset);
        return text;
    }

    IEnumerable<MimePart> Shown()
    {
        if (IsAttachment || MediaType is "message/rfc822" or "text/rfc822-headers") yield break;
        if (Parts.Count == 0) yield return this;
        foreach (var part in Parts)
            foreach (var inner in part.Shown())
                yield return inner;
    }
}
