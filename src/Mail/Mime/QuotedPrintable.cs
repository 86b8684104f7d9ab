using System.Buffers;

namespace PenguinMails.Mail.Mime;

/// <summary>Quoted-printable for text with CRLF lines (RFC 2045 6.7): lines of at most 76, no blank at a line's end.</summary>
static class QuotedPrintable
{
    const int LineMax = 76;

    /// <param name="text">UTF-8 with CRLF line ends only.</param>
    public static void Write(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf("\r\n"u8);
            Line(end < 0 ? text : text[..end], output);
            if (end < 0) return;
            output.Write("\r\n"u8);
            text = text[(end + 2)..];
        }
    }

    static void Line(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        // Each octet takes three at most, and every 73 taken may cost a soft break of three more.
        var room = output.GetSpan((line.Length * 3) + (line.Length * 3 / 70 * 3) + 6);
        var (written, column) = (0, 0);
        for (var i = 0; i < line.Length; i++)
        {
            var isLast = i == line.Length - 1;
            var isLiteral = IsLiteral(line[i], isLast, column, line[i..]);
            var size = isLiteral ? 1 : 3;
            if (column + size > (isLast ? LineMax : LineMax - 1))
            {
                "=\r\n"u8.CopyTo(room[written..]);
                written += 3;
                column = 0;
                isLiteral = IsLiteral(line[i], isLast, column, line[i..]);
                size = isLiteral ? 1 : 3;
            }
            if (isLiteral)
            {
                room[written] = line[i];
            }
            else
            {
                room[written] = (byte)'=';
                room[written + 1] = (byte)EncodedWord.HexUpper(line[i] >> 4);
                room[written + 2] = (byte)EncodedWord.HexUpper(line[i] & 15);
            }
            written += size;
            column += size;
        }
        output.Advance(written);
    }

    static bool IsLiteral(byte octet, bool isLast, int column, ReadOnlySpan<byte> rest) => octet switch
    {
        (byte)'=' => false,
        (byte)' ' or (byte)'\t' => !isLast,
        // A "From " at the start of a line is altered by mbox stores, which would break a signature (RFC 5322 A is silent, RFC 4155 warns).
        (byte)'F' when column == 0 => !rest.StartsWith("From "u8),
        (byte)'.' when column == 0 => false,
        > 32 and < 127 => true,
        _ => false,
    };
}
