using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>A header field as received: unfolded, octets read as UTF-8 or else by a legacy charset, encoded words not yet decoded.</summary>
public sealed record MimeHeader(string Name, string Value);

/// <summary>The header of a message or part, and what it says about the body.</summary>
public sealed class MimeHead
{
    readonly StructuredValue disposition;
    readonly StructuredValue type;
    IReadOnlyDictionary<string, string>? parameters;
    string? fileName;
    bool isFileNameRead;

    internal MimeHead(IReadOnlyList<MimeHeader> headers, bool isDigestPart)
    {
        Headers = headers;
        type = StructuredValue.Of(Raw("Content-Type"));
        disposition = StructuredValue.Of(Raw("Content-Disposition"));
        IsTypeValid = HeaderParameters.IsMediaType(type.Value);
        // RFC 2045 5.2 and RFC 2046 5.1.5: what a missing or broken type means.
        MediaType = IsTypeValid ? HeaderParameters.Lower(type.Value) : isDigestPart ? "message/rfc822" : "text/plain";
        Encoding = TransferDecoding.Name(Raw("Content-Transfer-Encoding"));
    }

    /// <summary>In the order received.</summary>
    public IReadOnlyList<MimeHeader> Headers { get; }

    /// <summary>Type and subtype in lower case; text/plain where none is given or it is broken.</summary>
    public string MediaType { get; }

    /// <summary>Keys in lower case; RFC 2231 undone. At most 64.</summary>
    public IReadOnlyDictionary<string, string> TypeParameters => parameters ??= HeaderParameters.Of(type.Parameters);

    /// <summary>The first word of Content-Disposition in lower case (RFC 2183), null without one.</summary>
    public string? Disposition => disposition.Value.Length == 0 ? null : HeaderParameters.Lower(disposition.Value);

    public bool IsAttachment => disposition.Value.Equals("attachment", StringComparison.OrdinalIgnoreCase);

    /// <summary>As the sender gave it: never a path to write to. Null without one.</summary>
    public string? FileName
    {
        get
        {
            if (isFileNameRead) return fileName;
            isFileNameRead = true;
            fileName = HeaderParameters.Of(disposition.Parameters).GetValueOrDefault("filename") ?? TypeParameters.GetValueOrDefault("name");
            return fileName = string.IsNullOrEmpty(fileName) ? null : fileName;
        }
    }

    /// <summary>Content-ID without its angle brackets (RFC 2392), null without one.</summary>
    public string? ContentId => Raw("Content-ID")?.Trim() is { Length: > 0 } id ? id.TrimStart('<').TrimEnd('>') : null;

    /// <summary>Content-Transfer-Encoding in lower case without comments, null without one; aliases that are seen are made standard.</summary>
    public string? Encoding { get; }

    /// <summary>The charset label as given, null without one.</summary>
    public string? Charset => TypeParameters.GetValueOrDefault("charset");

    internal bool IsTypeValid { get; }

    internal bool HasType => Raw("Content-Type") is not null;

    internal bool IsMultipart => MediaType.StartsWith("multipart/", StringComparison.Ordinal);

    internal bool IsMessage => MediaType is "message/rfc822" or "message/global" or "message/news" or "text/rfc822-headers" or "message/rfc822-headers" or "message/global-headers";

    internal bool IsEncoded => Encoding is "base64" or "quoted-printable" or "x-uuencode";

    /// <summary>The first field of that name as received, or null.</summary>
    public string? Raw(string name)
    {
        for (var i = 0; i < Headers.Count; i++)
            if (Headers[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return Headers[i].Value;
        return null;
    }

    /// <summary>The first field of that name with encoded words decoded, or null.</summary>
    public string? Header(string name) => Raw(name) is { } value ? EncodedWordReader.Decode(value) : null;

    /// <summary>The type a body has in a header that is not there: text/plain.</summary>
    internal static MimeHead Of(HeaderBlock block, bool isDigestPart, MimeDefects defects)
    {
        var headers = new MimeHeader[block.Fields.Length];
        string? legacy = null;
        for (var i = 0; i < headers.Length; i++)
        {
            var field = block.Fields[i];
            var octets = block.Octets(field.Start, field.End);
            var value = octets[field.NameLength..].TrimStart(" \t"u8)[1..].Trim(" \t"u8);
            headers[i] = new MimeHeader(HeaderNames.Text(octets[..field.NameLength]), Value(value, block, field, ref legacy, defects));
        }
        var head = new MimeHead(headers, isDigestPart);
        if (head.HasType && !head.IsTypeValid) defects.Add(MimeDefectCode.ContentTypeInvalid, OffsetOf(block, "Content-Type"u8));
        if (TransferDecoding.IsUnknown(head.Encoding)) defects.Add(MimeDefectCode.TransferEncodingUnknown, OffsetOf(block, "Content-Transfer-Encoding"u8));
        Singles.Check(block, defects);
        return head;
    }

    static string Value(ReadOnlySpan<byte> octets, HeaderBlock block, HeaderField field, ref string? legacy, MimeDefects defects)
    {
        if (octets.Contains((byte)0)) defects.Add(MimeDefectCode.NullOctet, field.Offset);
        var text = Charsets.Utf8OrNull(octets);
        if (text is null)
        {
            defects.Add(MimeDefectCode.HeaderCharsetGuessed, field.Offset);
            legacy ??= DeclaredCharset(block);
            text = Charsets.Legacy(octets, legacy);
        }
        return text.AsSpan().IndexOfAny('\0', '\r', '\n') < 0 ? text : text.Replace('\r', ' ').Replace('\n', ' ').Replace('\0', ' ');
    }

    /// <summary>The charset the header names for its own body, empty without one: writers of 8-bit headers use the same for both.</summary>
    static string DeclaredCharset(HeaderBlock block)
    {
        foreach (var field in block.Fields)
        {
            var octets = block.Octets(field.Start, field.End);
            if (Ascii.EqualsIgnoreCase(octets[..field.NameLength], "Content-Type"u8))
                return HeaderParameters.Of(StructuredValue.Of(System.Text.Encoding.Latin1.GetString(octets[(octets.IndexOf((byte)':') + 1)..])).Parameters).GetValueOrDefault("charset") ?? "";
        }
        return "";
    }

    static long OffsetOf(HeaderBlock block, ReadOnlySpan<byte> name)
    {
        foreach (var field in block.Fields)
            if (Ascii.EqualsIgnoreCase(block.Octets(field.Start, field.Start + field.NameLength), name))
                return field.Offset;
        return 0;
    }

    /// <summary>Fields that may stand once.</summary>
    static class Singles
    {
        static ReadOnlySpan<byte> Names => "from,to,cc,subject,date,message-id,in-reply-to,references,reply-to,sender,content-type,content-transfer-encoding,content-disposition,content-id,mime-version,"u8;

        public static void Check(HeaderBlock block, MimeDefects defects)
        {
            var seen = 0UL;
            foreach (var field in block.Fields)
            {
                var name = block.Octets(field.Start, field.Start + field.NameLength);
                if (name.Length > 25) continue;
                var bit = 1UL;
                for (var rest = Names; !rest.IsEmpty; bit <<= 1)
                {
                    var comma = rest.IndexOf((byte)',');
                    if (comma == name.Length && Ascii.EqualsIgnoreCase(rest[..comma], name))
                    {
                        if ((seen & bit) != 0) defects.Add(MimeDefectCode.HeaderDuplicate, field.Offset);
                        seen |= bit;
                        break;
                    }
                    rest = rest[(comma + 1)..];
                }
            }
        }
    }
}
