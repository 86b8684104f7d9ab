namespace PenguinMails.Mail.Mime;

/// <summary>Undoes uuencode where a header names it as the encoding of a part (POSIX uuencode; no RFC). In text it stays text.</summary>
static class Uuencode
{
    public static byte[] Decode(ReadOnlySpan<byte> body)
    {
        var output = new byte[(body.Length / 4 * 3) + 3];
        var written = 0;
        var isInside = false;
        while (!body.IsEmpty)
        {
            var length = Lines.Next(body, true, out var end);
            var line = body[..length];
            body = body[(length + end)..];
            if (!isInside) isInside = line.StartsWith("begin "u8);
            else if (line.StartsWith("end"u8)) break;
            else if (!line.IsEmpty) written += Line(line, output.AsSpan(written));
        }
        return output[..written];
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
