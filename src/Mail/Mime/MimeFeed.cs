namespace PenguinMails.Mail.Mime;

/// <summary>Feeds a machine with octets as they come: whole lines where they fit, pieces of lines where not.</summary>
sealed class MimeFeed(MimeMachine machine)
{
    // A delimiter or header line is never longer; a body line may be, and goes on in pieces.
    const int PieceMax = 64 * 1024;

    byte[] buffer = new byte[PieceMax];
    int held;
    bool startsLine = true;
    bool isBegun;

    /// <summary>Octets handed to the machine so far.</summary>
    public long Offset { get; private set; }

    /// <returns>True when a byte order mark was passed over.</returns>
    public bool Take(ReadOnlySpan<byte> octets)
    {
        var hadMark = false;
        while (!octets.IsEmpty)
        {
            var count = Math.Min(octets.Length, buffer.Length - held);
            octets[..count].CopyTo(buffer.AsSpan(held));
            held += count;
            octets = octets[count..];
            if (!isBegun && held >= 3) hadMark = Begin();
            Drain(false);
        }
        return hadMark;
    }

    public void Finish()
    {
        if (!isBegun) Begin();
        Drain(true);
        machine.Finish(Offset);
    }

    bool Begin()
    {
        isBegun = true;
        var hasMark = buffer.AsSpan(0, held).StartsWith("\ufeff"u8);
        if (hasMark) Shift(3);
        machine.Begin(Offset);
        return hasMark;
    }

    void Drain(bool isWhole)
    {
        if (!isBegun) return;
        var at = 0;
        while (at < held)
        {
            var rest = buffer.AsSpan(at, held - at);
            var length = Lines.Next(rest, isWhole, out var end);
            if (length < 0)
            {
                if (at > 0 || held < buffer.Length) break;
                // A line as long as the buffer: all but what may be half a line end.
                length = rest.Length - 2;
            }
            machine.Line(rest[..length], rest.Slice(length, end), Offset + at, startsLine);
            startsLine = end > 0;
            at += length + end;
        }
        Shift(at);
    }

    void Shift(int count)
    {
        buffer.AsSpan(count, held - count).CopyTo(buffer);
        held -= count;
        Offset += count;
    }
}
