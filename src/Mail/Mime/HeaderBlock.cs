namespace PenguinMails.Mail.Mime;

/// <summary>The header part of the machine: takes lines until a header is over and keeps its fields (RFC 5322 2.2).</summary>
/// <remarks>
/// A line that is no field may be a broken continuation or the body without an empty line before it. Such lines are held until
/// a known field (the header goes on), an empty line, a delimiter or a limit (the body had begun) decides.
/// </remarks>
sealed class HeaderBlock(MimeLimits limits, MimeDefects defects)
{
    const int HeldLinesMax = 20;
    const int HeldOctetsMax = 8 * 1024;

    readonly HeaderStore store = new();
    int heldLines;
    int heldFrom;
    bool isTop;
    bool isBlankHeld;
    bool endedWithBareCr;
    bool isTooLong;
    bool isFull;
    int fieldsBefore;

    public ReadOnlySpan<HeaderField> Fields => store.Fields;

    /// <summary>Lines with their ends that came after the header was over.</summary>
    public ReadOnlySpan<byte> Held => store.Octets(heldFrom, store.Used);

    /// <summary>Offset of the first held line.</summary>
    public long HeldOffset { get; private set; }

    public ReadOnlySpan<byte> Octets(int start, int end) => store.Octets(start, end);

    /// <param name="isMessage">True for a message, false for a part of a multipart.</param>
    public void Begin(bool isMessage)
    {
        fieldsBefore += store.Count;
        store.Clear();
        (heldLines, heldFrom, isTop) = (0, 0, isMessage);
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
        if (store.Count == 0 && store.Used == 0 && IsStoreLine(content))
        {
            defects.Add(MimeDefectCode.MboxFromLine, offset);
            return HeaderStep.More;
        }
        // A CR alone inside a value is no line end that its sender meant, unless a header line follows.
        if (wasBareCr && store.Count > 0)
        {
            Continue(" "u8, offset);
            Continue(content, offset);
            return HeaderStep.More;
        }
        return Invalid(content, end, offset);
    }

    public void Release() => store.Release();

    /// <summary>True while it is open whether the last lines belong to the header; at the end of the input they were the body.</summary>
    public bool IsInDoubt => heldLines > 0;

    /// <summary>True when what is in doubt began with an empty line, which ends a header as it should.</summary>
    public bool IsBlankHeld => isBlankHeld;

    HeaderStep Empty(long offset, int endLength)
    {
        if (!isTop || store.Count > 0) return HeaderStep.EndAfter;
        // A file that begins with an empty line: a header that comes late, or a body without one.
        Hold(offset + endLength);
        isBlankHeld = true;
        return HeaderStep.More;
    }

    HeaderStep Fold(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset)
    {
        if (store.Count > 0)
        {
            Continue(content, offset);
            return HeaderStep.More;
        }
        return content.TrimStart(" \t"u8).IsEmpty ? HeaderStep.EndAfter : Invalid(content, end, offset);
    }

    HeaderStep Invalid(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset)
    {
        Hold(offset);
        if ((store.Count == 0 && !isTop) || content.StartsWith("--"u8)) return HeaderStep.EndBefore;
        store.Append(content);
        store.Append(end);
        return HeaderStep.More;
    }

    void Hold(long offset)
    {
        (heldFrom, heldLines, HeldOffset, isBlankHeld) = (store.Used, 1, offset, false);
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
        if (isOver || heldLines >= HeldLinesMax || store.Used - heldFrom + content.Length > HeldOctetsMax) return HeaderStep.EndBefore;
        heldLines++;
        store.Append(content);
        store.Append(end);
        return HeaderStep.More;
    }

    /// <summary>The header goes on after what was held.</summary>
    void Resume()
    {
        defects.Add(isBlankHeld ? MimeDefectCode.BlankLinesBeforeHeader : MimeDefectCode.HeaderLineInvalid, HeldOffset);
        var isJoined = !isBlankHeld && store.Count > 0 && IsUnstructured(store.Last);
        if (isJoined)
        {
            // With the blank that the sender's folding lacked.
            store.Append(" "u8);
            var line = store.Octets(heldFrom, store.Used);
            line[..^1].CopyTo(line[1..]);
            line[0] = (byte)' ';
            foreach (ref var octet in line)
                if (octet is (byte)'\r' or (byte)'\n') octet = (byte)' ';
            store.Last = store.Last with { End = store.Used };
        }
        else
        {
            store.Cut(heldFrom);
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
        if (store.Count >= limits.HeadersMax || fieldsBefore + store.Count >= limits.HeadersInAllMax)
        {
            if (!isFull) defects.Add(MimeDefectCode.HeadersTooMany, offset);
            isFull = true;
            // The last field kept must not grow by the folds of those left out.
            isTooLong = true;
            return;
        }
        store.Add(nameLength, offset);
        Continue(content, offset);
    }

    void Continue(ReadOnlySpan<byte> content, long offset)
    {
        if (store.Count == 0 || isTooLong) return;
        var field = store.Last;
        var room = limits.HeaderOctetsMax - (field.End - field.Start);
        if (content.Length > room)
        {
            isTooLong = true;
            defects.Add(MimeDefectCode.HeaderTooLong, offset);
            content = content[..Math.Max(room, 0)];
        }
        store.Append(content);
        store.Last = field with { End = store.Used };
    }

    // RFC 4155: the line mbox stores put before each message; some escape it a second time.
    static bool IsStoreLine(ReadOnlySpan<byte> content) => content.StartsWith("From "u8) || content.StartsWith(">From "u8);
}
