namespace PenguinMails.Mail.Mime;

/// <summary>Undoes uuencode where a header names it as the encoding of a part (POSIX uuencode; no RFC). In text it stays text.</summary>
struct Uuencode
{
    bool isInside;
    bool isOver;

    public static byte[] Decode(ReadOnlySpan<byte> body)
    {
        var output = new byte[body.Length];
        var decoder = new Uuencode();
        return output[..decoder.Decode(body, output, true, out _)];
    }

    /// <summary>Takes whole lines; at the end also a last one without its end.</summary>
    /// <param name="output">At least as long as the input.</param>
    public int Decode(ReadOnlySpan<byte> input, Span<byte> output, bool isLast, out int consumed)
    {
        var written = 0;
        consumed = 0;
        while (consumed < input.Length)
        {
            var length = Lines.Next(input[consumed..], isLast, out var end);
            if (length < 0) break;
            var line = input.Slice(consumed, length);
            consumed += length + end;
            if (isOver || line.IsEmpty) continue;
            if (!isInside) isInside = line.StartsWith("begin "u8);
            else if (line.StartsWith("end"u8)) isOver = true;
            else written += Line(line, output[written..]);
        }
        return written;
    }

    static int Line(ReadOnlySpan<byte> line, Span<byte> output)
    {
        var count = Math.Min((line[0] - 32) & 63, Math.Min(output.Length, (line.Length - 1) * 3 / 4));
        for (var i = 0; i < count; i++)
        {
            var at = 1 + (i / 3 * 4) + (i % 3);
            var (first, second) = (Six(line, at), Six(line, at + 1));
            output[i] = (byte)((first << (2 + (i % 3 * 2))) | (second >> (4 - (i % 3 * 2))));
        }
        return count;
    }

    static int Six(ReadOnlySpan<byte> line, int at) => at < line.Length ? (line[at] - 32) & 63 : 0;
}
