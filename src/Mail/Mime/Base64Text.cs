using System.Buffers;
using System.Buffers.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>Base64 (RFC 2045 6.8): the exact form at full speed, and from the first irregularity on the tolerant one.</summary>
static class Base64Text
{
    /// <summary>0 to 63, -1 for what is no character of base64.</summary>
    public static int Value(byte octet) => octet switch
    {
        >= (byte)'A' and <= (byte)'Z' => octet - 'A',
        >= (byte)'a' and <= (byte)'z' => octet - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => octet - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };

    /// <param name="output">At least three quarters of the input and 3 more.</param>
    /// <param name="isLast">False when more follows: then up to a group may stay unread.</param>
    /// <param name="fault">Index of the first irregular octet, -1 without one.</param>
    public static int Decode(ReadOnlySpan<byte> input, Span<byte> output, bool isLast, out int consumed, out int fault, out bool isEnded)
    {
        fault = -1;
        isEnded = false;
        // The runtime miscounts a group that a blank cuts at the end of a block, so such blocks go the slow way.
        if (isLast || !input.ContainsAny(" \t\r\n"u8))
        {
            var status = Base64.DecodeFromUtf8(input, output, out consumed, out var written, isLast);
            if (status == OperationStatus.Done || (status == OperationStatus.NeedMoreData && !isLast)) return written;
        }
        return Tolerant(input, output, isLast, out consumed, out fault, out isEnded);
    }

    /// <summary>Skips what is outside the alphabet; padding ends the text unless a whole further group follows (some writers pad each line).</summary>
    static int Tolerant(ReadOnlySpan<byte> input, Span<byte> output, bool isLast, out int consumed, out int fault, out bool isEnded)
    {
        var (written, bits, held) = (0, 0, 0);
        (consumed, fault, isEnded) = (0, -1, false);
        for (var i = 0; i < input.Length; i++)
        {
            var value = Value(input[i]);
            if (value >= 0)
            {
                bits = (bits << 6) | value;
                if (++held < 4) continue;
                output[written++] = (byte)(bits >> 16);
                output[written++] = (byte)(bits >> 8);
                output[written++] = (byte)bits;
                (bits, held, consumed) = (0, 0, i + 1);
            }
            else if (input[i] == '=')
            {
                written += Flush(bits, held, output[written..]);
                while (i + 1 < input.Length && input[i + 1] is (byte)'=' or (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t') i++;
                (bits, held, consumed) = (0, 0, i + 1);
                if (i + 1 >= input.Length || IsFurther(input[(i + 1)..])) continue;
                if (fault < 0) fault = i + 1;
                isEnded = true;
                consumed = input.Length;
                return written;
            }
            else if (fault < 0 && input[i] is not ((byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t'))
            {
                fault = i;
            }
        }
        if (!isLast) return written;
        if (held > 0 && fault < 0) fault = input.Length;
        consumed = input.Length;
        return written + Flush(bits, held, output[written..]);
    }

    // What a list server puts below the text is no base64; the line after a padded line is.
    public static bool IsFurther(ReadOnlySpan<byte> rest)
    {
        var length = rest.IndexOfAny((byte)'\r', (byte)'\n');
        var line = (length < 0 ? rest : rest[..length]).TrimEnd("= \t"u8);
        foreach (var octet in line)
            if (Value(octet) < 0) return false;
        return line.Length > 0;
    }

    static int Flush(int bits, int held, Span<byte> output)
    {
        if (held < 2) return 0;
        bits <<= 6 * (4 - held);
        output[0] = (byte)(bits >> 16);
        if (held == 3) output[1] = (byte)(bits >> 8);
        return held - 1;
    }
}
