using System.Buffers;

namespace PenguinMails.Mail.Mime;

enum HeaderStep
{
    /// <summary>The line belongs to the header, or that is not known yet.</summary>
    More,

    /// <summary>The line was the empty one that ends the header.</summary>
    EndAfter,

    /// <summary>The header ended before this line: see <see cref="HeaderBlock.Held"/> for lines that already were body.</summary>
    EndBefore,
}

/// <summary>The header part of the machine: takes lines until a header is over and keeps its fields (RFC 5322 2.2).</summary>
/// <remarks>
/// A line that is no field may be a broken continuation or the body without an empty line before it. Such lines are held until
/// a known field (the header goes on), an empty line, a delimiter or a limit (the body had begun) decides.
/// </remarks>
sealed class HeaderBlock(MimeLimits limits, MimeDefects defects)
{
    const int HeldLinesMax = 20;
    const int HeldOctetsMax = 8 * 1024;

    HeaderField[] fields = ArrayPool<HeaderField>.Shared.Rent(64);
    int fieldCount;
    byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
    int used;
    int heldLines;
    int heldFrom;
    bool isTop;
    bool isBlankHeld;
    bool endedWithBareCr;
    bool isTooLong;
    bool isFull;
    int fieldsBefore;

    public ReadOnlySpan<HeaderField> Fields => fields.AsSpan(0, fieldCount);

    /// <summary>Lines with their ends that came after the header was over.</summary>
    public ReadOnlySpan<byte> Held => buffer.AsSpan(heldFrom, used - heldFrom);

    /// <summary>Offset of the first held line.</summary>
    public long HeldOffset { get; private set; }

    public ReadOnlySpan<byte> Octets(int start, int end) => buffer.AsSpan(start, end - start);

    /// <param name="isMessage">True for a message, false for a part of a multipart.</param>
    public void Begin(bool isMessage)
    {
        fieldsBefore += fieldCount;
        fieldCount = 0;
        (used, heldLines, heldFrom, isTop) = (0, 0, 0, isMessage);
        (isBlankHeld, endedWithBareCr, isTooLong) = (false, false, false);
    }

    /// <param name="end">The line's end, empty at the end of the input.</param>
    /// <param name="startsLine">False for the later pieces of a line that came in pieces.</param>
    public HeaderStep Line(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset, bool startsLine)
    {
        var wasBareCr = endedWithBareCr;
        endedWithBareCr = end.Length == 1 && end[0] == '\r';
        var nameLength = startsLine ? HeaderNames.Length(content, out _) : 0;
        if (heldLines > 0) return Doubt(content, end, offset, nameLength);
        if (!startsLine)
        {
            Continue(content, offset);
            return HeaderStep.More;
        }
        if (content.IsEmpty) return Empty(offset, end.Length);
        if (content[0] is (byte)' ' or (byte)'\t') return Fold(content, end, offset);
        if (nameLength > 0)
        {
            Add(content, nameLength, offset);
            return HeaderStep.More;
        }
        if (fieldCount == 0 && used == 0 && IsStoreLine(content))
        {
            defects.Add(MimeDefectCode.MboxFromLine, offset);
            return HeaderStep.More;
        }
        // A CR alone inside a value is no line end that its sender meant, unless a header line follows.
        if (wasBareCr && fieldCount > 0)
        {
            Continue(" "u8, offset);
            Continue(content, offset);
            return HeaderStep.More;
        }
        return Invalid(content, end, offset);
    }

    /// <summary>Gives the buffer back; the block is not used after it.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        ArrayPool<HeaderField>.Shared.Return(fields);
        (buffer, used, fields, fieldCount) = ([], 0, [], 0);
    }

    /// <summary>True while it is open whether the last lines belong to the header; at the end of the input they were the body.</summary>
    public bool IsInDoubt => heldLines > 0;

    /// <summary>True when what is in doubt began with an empty line, which ends a header as it should.</summary>
    public bool IsBlankHeld => isBlankHeld;

    HeaderStep Empty(long offset, int endLength)
    {
        if (!isTop || fieldCount > 0) return HeaderStep.EndAfter;
        // A file that begins with an empty line: a header that comes late, or a body without one.
        Hold(offset + endLength);
        isBlankHeld = true;
        return HeaderStep.More;
    }

    HeaderStep Fold(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset)
    {
        if (fieldCount > 0)
        {
            Continue(content, offset);
            return HeaderStep.More;
        }
        return content.TrimStart(" \t"u8).IsEmpty ? HeaderStep.EndAfter : Invalid(content, end, offset);
    }

    HeaderStep Invalid(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset)
    {
        Hold(offset);
        if ((fieldCount == 0 && !isTop) || content.StartsWith("--"u8)) return HeaderStep.EndBefore;
        Append(content);
        Append(end);
        return HeaderStep.More;
    }

    void Hold(long offset)
    {
        (heldFrom, heldLines, HeldOffset, isBlankHeld) = (used, 1, offset, false);
    }

    HeaderStep Doubt(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset, int nameLength)
    {
        if (nameLength > 0 && HeaderNames.IsKnown(content[..nameLength]))
        {
            Resume();
            Add(content, nameLength, offset);
            return HeaderStep.More;
        }
        var isOver = content.IsEmpty ? !isBlankHeld : isBlankHeld || content.StartsWith("--"u8);
        if (isOver || heldLines >= HeldLinesMax || used - heldFrom + content.Length > HeldOctetsMax) return HeaderStep.EndBefore;
        heldLines++;
        Append(content);
        Append(end);
        return HeaderStep.More;
    }

    /// <summary>The header goes on after what was held.</summary>
    void Resume()
    {
        defects.Add(isBlankHeld ? MimeDefectCode.BlankLinesBeforeHeader : MimeDefectCode.HeaderLineInvalid, HeldOffset);
        var isJoined = !isBlankHeld && fieldCount > 0 && IsUnstructured(fields[fieldCount - 1]);
        if (isJoined)
        {
            for (var i = heldFrom; i < used; i++)
                if (buffer[i] is (byte)'\r' or (byte)'\n') buffer[i] = (byte)' ';
            // The blank that the sender's folding lacked; every field line ends where the next begins.
            Append(" "u8);
            buffer.AsSpan(heldFrom, used - 1 - heldFrom).CopyTo(buffer.AsSpan(heldFrom + 1));
            buffer[heldFrom] = (byte)' ';
            fields[fieldCount - 1] = fields[fieldCount - 1] with { End = used };
        }
        else
        {
            used = heldFrom;
        }
        heldLines = 0;
    }

    bool IsUnstructured(HeaderField field)
    {
        var name = Octets(field.Start, field.Start + field.NameLength);
        return System.Text.Ascii.EqualsIgnoreCase(name, "Subject"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "Comments"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "Thread-Topic"u8);
    }

    void Add(ReadOnlySpan<byte> content, int nameLength, long offset)
    {
        isTooLong = false;
        if (fieldCount >= limits.HeadersMax || fieldsBefore + fieldCount >= limits.HeadersInAllMax)
        {
            if (!isFull) defects.Add(MimeDefectCode.HeadersTooMany, offset);
            isFull = true;
            // The last field kept must not grow by the folds of those left out.
            isTooLong = true;
            return;
        }
        if (fieldCount == fields.Length) Grow();
        fields[fieldCount++] = new HeaderField(used, used, nameLength, offset);
        Continue(content, offset);
    }

    void Continue(ReadOnlySpan<byte> content, long offset)
    {
        if (fieldCount == 0 || isTooLong) return;
        var field = fields[fieldCount - 1];
        var room = limits.HeaderOctetsMax - (field.End - field.Start);
        if (content.Length > room)
        {
            isTooLong = true;
            defects.Add(MimeDefectCode.HeaderTooLong, offset);
            content = content[..Math.Max(room, 0)];
        }
        Append(content);
        fields[fieldCount - 1] = field with { End = used };
    }

    void Grow()
    {
        var larger = ArrayPool<HeaderField>.Shared.Rent(fields.Length * 2);
        Fields.CopyTo(larger);
        ArrayPool<HeaderField>.Shared.Return(fields);
        fields = larger;
    }

    void Append(ReadOnlySpan<byte> octets)
    {
        if (used + octets.Length > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, used + octets.Length));
            buffer.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        octets.CopyTo(buffer.AsSpan(used));
        used += octets.Length;
    }

    // RFC 4155: the line mbox stores put before each message; some escape it a second time.
    static bool IsStoreLine(ReadOnlySpan<byte> content) => content.StartsWith("From "u8) || content.StartsWith(">From "u8);
}

/// <summary>A field in the octets of its block.</summary>
/// <param name="Offset">Of the field's first octet in the input.</param>
readonly record struct HeaderField(int Start, int End, int NameLength, long Offset);
