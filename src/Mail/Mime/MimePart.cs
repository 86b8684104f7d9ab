namespace PenguinMails.Mail.Mime;

/// <summary>A header field as received: unfolded, octets read as UTF-8 or else Windows-1252, encoded words not yet decoded.</summary>
public sealed record MimeHeader(string Name, string Value);

/// <summary>What reading puts up with; beyond a limit the rest is left unread and <see cref="MimePart.IsCut"/> says so.</summary>
public sealed record MimeLimits
{
    /// <summary>Parts within parts. Default 20.</summary>
    public int DepthMax { get; init; } = 20;

    /// <summary>Parts of one message in all. Default 500.</summary>
    public int PartsMax { get; init; } = 500;

    /// <summary>Header fields of one part. Default 1000.</summary>
    public int HeadersMax { get; init; } = 1000;

    /// <summary>Octets of one header field when unfolded. Default 64 KiB.</summary>
    public int HeaderOctetsMax { get; init; } = 64 * 1024;

    /// <summary>Octets of one decoded text. Default 4 MiB.</summary>
    public int TextOctetsMax { get; init; } = 4 * 1024 * 1024;
}

/// <summary>A message, or a part of one (RFC 2045), as others sent it: nothing in it can be trusted and nothing in it makes reading throw.</summary>
public sealed class MimePart
{
    readonly MimeLimits limits;

    internal MimePart(IReadOnlyList<MimeHeader> headers, ReadOnlyMemory<byte> body, bool isDigestPart, MimeLimits limits)
    {
        this.limits = limits;
        Headers = headers;
        Body = body;
        var type = HeaderParameters.Parse(Raw("Content-Type") ?? "");
        // RFC 2045 5.2 and RFC 2046 5.1.5: what a missing or broken type means.
        MediaType = type.Value.Contains('/', StringComparison.Ordinal) ? type.Value.ToLowerInvariant() : isDigestPart ? "message/rfc822" : "text/plain";
        TypeParameters = type.Parameters;
        var disposition = HeaderParameters.Parse(Raw("Content-Disposition") ?? "");
        IsAttachment = disposition.Value.Equals("attachment", StringComparison.OrdinalIgnoreCase);
        FileName = disposition.Parameters.GetValueOrDefault("filename") ?? type.Parameters.GetValueOrDefault("name");
    }

    public IReadOnlyList<MimeHeader> Headers { get; }

    /// <summary>Type and subtype in lower case.</summary>
    public string MediaType { get; }

    /// <summary>Keys in lower case; RFC 2231 undone.</summary>
    public IReadOnlyDictionary<string, string> TypeParameters { get; }

    public bool IsAttachment { get; }

    /// <summary>As the sender gave it: never a path to write to.</summary>
    public string? FileName { get; }

    /// <summary>Octets below the header, still encoded.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Of a multipart; or the one message inside message/rfc822; or the header inside text/rfc822-headers.</summary>
    public IReadOnlyList<MimePart> Parts { get; internal set; } = [];

    internal MimePart? FirstPart => Parts.Count > 0 ? Parts[0] : null;

    /// <summary>True when a limit left something of this part unread.</summary>
    public bool IsCut { get; internal set; }

    /// <summary>The first field of that name as received, or null.</summary>
    public string? Raw(string name)
    {
        foreach (var header in Headers)
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return header.Value;
        return null;
    }

    /// <summary>The first field of that name with encoded words decoded, or null.</summary>
    public string? Header(string name) => Raw(name) is { } value ? EncodedWordReader.Decode(value) : null;

    /// <summary>The body with its transfer encoding undone; broken encodings give what can be read of them.</summary>
    public byte[] Content() => TransferDecoding.Decode(Body.Span, Raw("Content-Transfer-Encoding"));

    /// <summary>The body as text by its charset, an unknown one read as UTF-8; at most the limit of text.</summary>
    public string Text()
    {
        var octets = Content();
        var length = Math.Min(octets.Length, limits.TextOctetsMax);
        return Charsets.Text(octets.AsSpan(0, length), TypeParameters.GetValueOrDefault("charset"));
    }

    /// <summary>The part and everything below it, outermost first.</summary>
    public IEnumerable<MimePart> All()
    {
        yield return this;
        foreach (var part in Parts)
            foreach (var inner in part.All())
                yield return inner;
    }

    /// <summary>What a person would read: the first plain text that is no attachment, else the first HTML as text, else empty.</summary>
    /// <remarks>Does not look into messages forwarded or returned.</remarks>
    public string ReadableText()
    {
        var shown = Shown().ToList();
        if (shown.Find(part => part.MediaType == "text/plain") is { } plain) return plain.Text();
        return shown.Find(part => part.MediaType == "text/html") is { } html ? HtmlText.Of(html.Text()) : "";
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
