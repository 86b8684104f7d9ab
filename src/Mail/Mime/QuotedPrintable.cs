using System.Buffers;

namespace PenguinMails.Mail.Mime;

/// <summary>Quoted-printable for text with CRLF lines (RFC 2045 6.7): lines of at most 76, no blank at a line's end.</summary>
static class QuotedPrintable
{
    const int LineMax = 76;

    static readonly SearchValues<byte> Literal = SearchValues.Create(
        "\t !\"#$%&'()*+,-./0123456789:;<>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <param name="text">UTF-8 with CRLF line ends only.</param>
    public static void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf("\r\n"u8);
            var line = end < 0 ? text : text[..end];
            // Each octet takes three at most, and every 73 taken may cost a soft break of three more.
            var room = output.GetSpan((line.Length * 3) + (line.Length * 3 / 70 * 3) + 8);
            var written = Line(line, room);
            if (end >= 0) (room[written++], room[written++]) = ((byte)'\r', (byte)'\n');
            output.Advance(written);
            text = end < 0 ? default : text[(end + 2)..];
        }
    }

    static int Line(ReadOnlySpan<byte> line, Span<byte> room)
    {
        var (written, column) = (0, 0);
        for (var i = 0; i < line.Length;)
        {
            var run = Run(line, i, column);
            if (run > 0)
            {
                line.Slice(i, run).CopyTo(room[written..]);
                (written, column, i) = (written + run, column + run, i + run);
                continue;
            }
            // The octets of one character, and of a word of another script, come together.
            var from = i;
            for (; column > 0 && i < line.Length - 1 && column + 3 <= LineMax - 1 && !Literal.Contains(line[i]); i++, column += 3)
                written += One(line[i], false, room[written..]);
            if (i > from) continue;
            var isLast = i == line.Length - 1;
            var isLiteral = IsLiteral(line[i..], isLast, column);
            if (column + (isLiteral ? 1 : 3) > (isLast ? LineMax : LineMax - 1))
            {
                "=\r\n"u8.CopyTo(room[written..]);
                (written, column) = (written + 3, 0);
                continue;
            }
            column += isLiteral ? 1 : 3;
            written += One(line[i++], isLiteral, room[written..]);
        }
        return written;
    }

    /// <summary>Octets that go as they are; 0 where one needs a look of its own.</summary>
    static int Run(ReadOnlySpan<byte> line, int from, int column)
    {
        var rest = line[from..];
        if (column == 0 && !IsLiteralAtStart(rest)) return 0;
        var run = rest.IndexOfAnyExcept(Literal);
        if (run >= 0) return Math.Min(run, LineMax - 1 - column);
        // To the line's end, where a blank may not stand, and where no soft break needs room.
        if (column + rest.Length <= LineMax && line[^1] is not ((byte)' ' or (byte)'\t')) return rest.Length;
        return Math.Min(rest.Length - 1, LineMax - 1 - column);
    }

    static int One(byte octet, bool isLiteral, Span<byte> room)
    {
        if (isLiteral)
        {
            room[0] = octet;
            return 1;
        }
        room[0] = (byte)'=';
        room[1] = (byte)EncodedWord.HexUpper(octet >> 4);
        room[2] = (byte)EncodedWord.HexUpper(octet & 15);
        return 3;
    }

    static bool IsLiteral(ReadOnlySpan<byte> rest, bool isLast, int column) =>
        Literal.Contains(rest[0]) && !(isLast && rest[0] is (byte)' ' or (byte)'\t') && (column > 0 || IsLiteralAtStart(rest));

    // A "From " at the start of a line is altered by mbox stores, which would break a signature (RFC 4155 warns); a dot is doubled on the way.
    static bool IsLiteralAtStart(ReadOnlySpan<byte> rest) => rest[0] != '.' && !(rest[0] == 'F' && rest.StartsWith("From "u8));
}
