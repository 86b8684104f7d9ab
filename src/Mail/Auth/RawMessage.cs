using System.Text;

namespace PenguinMails.Mail.Auth;

/// <summary>One header field as received: its octets with folds and the final line end.</summary>
/// <param name="Octets">From the first letter of the name to the line feed.</param>
/// <param name="Colon">Where the colon stands.</param>
readonly record struct RawField(ReadOnlyMemory<byte> Octets, int Colon)
{
    /// <summary>Octets of a field that is read as a signature, a seal or an author: a longer one is not, so that none costs many times its size.</summary>
    public const int OctetsMax = 64 * 1024;

    public bool IsTooLong => Octets.Length > OctetsMax;

    /// <summary>Without the blanks old mail has before the colon.</summary>
    public string Name => Encoding.Latin1.GetString(Octets.Span[..Colon].TrimEnd(" \t"u8));

    /// <summary>After the colon, folds included, the final line end left out; octets as Latin-1, so that offsets are those of the octets.</summary>
    public string Value => Encoding.Latin1.GetString(Octets.Span[(Colon + 1)..^2]);

    public bool Is(string name) => Colon >= name.Length && Octets.Span is var octets
        && (Colon == name.Length || octets[name.Length] is (byte)' ' or (byte)'\t') && Ascii.EqualsIgnoreCase(octets[..Colon].TrimEnd(" \t"u8), name);
}

/// <summary>A message split into the octets that signatures cover. Line ends are made whole first: files are often kept with bare line feeds.</summary>
sealed class RawMessage
{
    const int FieldsMax = 10_000; // The header ends there: no signer signs such a message.

    RawMessage(ReadOnlyMemory<byte> octets, List<RawField> fields, ReadOnlyMemory<byte> body) => (Octets, Fields, Body) = (octets, fields, body);

    /// <summary>The whole, each line feed after a carriage return.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    public List<RawField> Fields { get; }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Any octets give a message; the header ends at an empty line or at the first line that cannot be part of one.</summary>
    public static RawMessage Read(ReadOnlyMemory<byte> message)
    {
        var octets = WithCrLf(message);
        var fields = new List<RawField>();
        var (at, from, colon) = (0, -1, 0);
        while (at < octets.Length)
        {
            var line = octets.Span[at..];
            var feed = line.IndexOf("\r\n"u8);
            if (feed == 0) break;
            if (feed < 0)
            {
                octets = (byte[])[.. octets.Span, (byte)'\r', (byte)'\n']; // The header goes on to an end without a line end.
                continue;
            }
            // mbox's own first line (RFC 4155), with or without its quote mark.
            var isMbox = at == 0 && (line.StartsWith("From "u8) || line.StartsWith(">From "u8));
            if (!isMbox && !(line[0] is (byte)' ' or (byte)'\t' && from >= 0))
            {
                var mark = line[..feed].IndexOf((byte)':');
                if (mark <= 0 || line[0] is (byte)' ' or (byte)'\t' || fields.Count >= FieldsMax) break;
                if (from >= 0) fields.Add(new RawField(octets[from..at], colon));
                (from, colon) = (at, mark);
            }
            at += feed + 2;
        }
        if (from >= 0) fields.Add(new RawField(octets[from..at], colon));
        var body = octets[at..];
        return new RawMessage(octets, fields, body.Span.StartsWith("\r\n"u8) ? body[2..] : body);
    }

    static ReadOnlyMemory<byte> WithCrLf(ReadOnlyMemory<byte> message)
    {
        var span = message.Span;
        var bare = 0;
        for (var at = 0; at < span.Length && span[at..].IndexOf((byte)'\n') is >= 0 and var next; at += next + 1)
            if (at + next == 0 || span[at + next - 1] != '\r')
                bare++;
        if (bare == 0) return message;
        var output = new byte[span.Length + bare];
        var written = 0;
        while (span.IndexOf((byte)'\n') is >= 0 and var feed)
        {
            var isWhole = feed > 0 && span[feed - 1] == '\r';
            span[..(isWhole ? feed - 1 : feed)].CopyTo(output.AsSpan(written));
            written += isWhole ? feed - 1 : feed;
            (output[written++], output[written++]) = ((byte)'\r', (byte)'\n');
            span = span[(feed + 1)..];
        }
        span.CopyTo(output.AsSpan(written));
        return output;
    }
}
