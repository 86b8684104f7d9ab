using System.Text;

namespace PenguinMails.Mail.Mime;

/// <summary>The state machine of MIME (RFC 2045, 2046): takes a message line by line and reports parts, bodies and defects.</summary>
/// <remarks>
/// States of the innermost part: Header → Leaf, or Preamble → (a child's Header …) → Epilogue, or Container → (its one child).
/// A delimiter line of any part around ends everything inside it. Never more than the limits are open or counted.
/// </remarks>
sealed class MimeMachine(MimeLimits limits, IMimeSink sink, MimeDefects defects, MimeCount count, int depth)
{
    readonly HeaderBlock header = new(limits, defects);
    readonly BoundaryGuess guess = new();
    readonly LineEndCheck ends = new(defects);
    readonly List<MimeLevel> levels = [];
    readonly byte[] heldEnd = new byte[3];
    int heldLength;
    int lastEnd;

    MimeLevel Top => levels[^1];

    /// <summary>Begins the message at that offset.</summary>
    public void Begin(long offset)
    {
        count.Parts++;
        levels.Add(new MimeLevel(offset, false));
        header.Begin(true);
    }

    /// <param name="content">A line without its end, or a piece of one that is too long to hold.</param>
    /// <param name="startsLine">False for the later pieces of a line.</param>
    public void Line(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset, bool startsLine)
    {
        ends.Note(end, offset + content.Length);
        Route(content, end, offset, startsLine);
        lastEnd = end.Length;
    }

    /// <summary>The message is over at that offset.</summary>
    public void Finish(long offset)
    {
        if (Top.State == MimeState.Header) EndHeader(header.IsInDoubt ? header.HeldOffset : offset);
        CloseAbove(-1, offset, 0);
        header.Release();
    }

    void Route(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset, bool startsLine)
    {
        if (!startsLine || !content.StartsWith("--"u8) || !Delimiter(content, end, offset)) Feed(content, end, offset, startsLine);
    }

    void Feed(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset, bool startsLine)
    {
        switch (Top.State)
        {
            case MimeState.Header:
                var step = header.Line(content, end, offset, startsLine);
                if (step == HeaderStep.EndAfter) EndHeader(offset + content.Length + end.Length);
                if (step != HeaderStep.EndBefore) break;
                EndHeader(header.HeldOffset);
                Route(content, end, offset, startsLine);
                break;
            case MimeState.Leaf when sink.TakesBody:
                if (heldLength > 0) sink.Body(heldEnd.AsSpan(0, heldLength));
                if (!content.IsEmpty) sink.Body(content);
                end.CopyTo(heldEnd);
                heldLength = end.Length;
                break;
            case MimeState.Preamble when !Top.HasParts:
                Preamble(content, end, offset, startsLine);
                break;
        }
    }

    void EndHeader(long bodyOffset)
    {
        var level = Top;
        if (header.IsInDoubt && !header.IsBlankHeld) defects.Add(MimeDefectCode.HeaderEndMissing, header.HeldOffset);
        var held = header.IsInDoubt ? header.Held.ToArray() : [];
        var head = MimeHead.Of(header, level.IsDigestPart, defects);
        level.BodyOffset = bodyOffset;
        heldLength = 0;
        guess.Clear();
        sink.Open(head, level.Offset, bodyOffset);
        level.State = Inside(head, level);
        for (var at = 0; at < held.Length;)
        {
            // Held lines never begin with a delimiter, so they cannot close or open anything but the header they began.
            var length = Lines.Next(held.AsSpan(at), true, out var end);
            Feed(held.AsSpan(at, length), held.AsSpan(at + length, end), header.HeldOffset + at, true);
            at += length + end;
        }
    }

    MimeState Inside(MimeHead head, MimeLevel level)
    {
        var isMultipart = head.IsMultipart;
        // Returned headers describe a body that did not come with them.
        if (level.IsHeaderOnly) return MimeState.Leaf;
        if (!isMultipart && !(head.IsMessage && !head.IsEncoded)) return MimeState.Leaf;
        if (depth + levels.Count > limits.DepthMax)
        {
            defects.Add(MimeDefectCode.PartsTooDeep, level.BodyOffset);
            sink.Cut();
            return MimeState.Leaf;
        }
        if (!isMultipart)
        {
            level.State = MimeState.Container;
            Child(level.BodyOffset, false, true);
            Top.IsHeaderOnly = Top != level && head.MediaType.EndsWith("-headers", StringComparison.Ordinal);
            return level.State;
        }
        if (head.IsEncoded) defects.Add(MimeDefectCode.MultipartEncoded, level.Offset);
        var boundary = head.TypeParameters.GetValueOrDefault("boundary")?.Trim(' ', '\t') ?? "";
        level.HasBoundary = boundary.Length > 0;
        level.Delimiter = level.HasBoundary ? Encoding.UTF8.GetBytes("--" + boundary) : null;
        level.IsDigest = head.MediaType == "multipart/digest";
        return MimeState.Preamble;
    }

    void Child(long offset, bool isDigestPart, bool isMessage)
    {
        if (count.Parts >= limits.PartsMax)
        {
            if (!count.IsOver) defects.Add(MimeDefectCode.PartsTooMany, offset);
            count.IsOver = true;
            sink.Cut();
            Top.State = MimeState.Epilogue;
            return;
        }
        count.Parts++;
        levels.Add(new MimeLevel(offset, isDigestPart));
        header.Begin(isMessage);
    }

    /// <summary>RFC 2046 5.1.1: the delimiter of the innermost part that has it, with blanks behind it; true when the line is one.</summary>
    bool Delimiter(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset)
    {
        for (var i = levels.Count - 1; i >= 0; i--)
        {
            var level = levels[i];
            if (level.Delimiter is not { } delimiter || level.State == MimeState.Epilogue || !content.StartsWith(delimiter)) continue;
            var tail = content[delimiter.Length..].TrimEnd(" \t"u8);
            var isClose = tail.SequenceEqual("--"u8);
            if (!tail.IsEmpty && !isClose) continue;
            if (i == levels.Count - 1 && level.State == MimeState.Header) continue;
            // Two delimiters one below the other: nothing between them is no part.
            if (i == levels.Count - 2 && Top.State == MimeState.Header && Top.Offset == offset)
            {
                levels.RemoveAt(levels.Count - 1);
                count.Parts--;
            }
            CloseAbove(i, offset, lastEnd);
            level.HasParts = true;
            if (isClose) level.State = MimeState.Epilogue;
            else Child(offset + content.Length + end.Length, level.IsDigest, false);
            return true;
        }
        return false;
    }

    /// <summary>Closes what is inside level <paramref name="index"/>; the line end before a delimiter belongs to the delimiter.</summary>
    void CloseAbove(int index, long offset, int endBefore)
    {
        while (levels.Count - 1 > index)
        {
            var level = Top;
            if (level.State == MimeState.Header)
            {
                if (!level.IsHeaderOnly && !header.IsInDoubt && header.Fields.Length > 0) defects.Add(MimeDefectCode.HeaderEndMissing, offset);
                EndHeader(header.IsInDoubt ? header.HeldOffset : offset);
                if (Top != level) continue;
            }
            if (level.State == MimeState.Preamble)
                defects.Add(level.HasParts ? MimeDefectCode.BoundaryNotClosed : MimeDefectCode.BoundaryAbsent, level.HasParts ? offset : level.BodyOffset);
            // At the end of the input nothing belongs to a delimiter, so a line end that was held is body.
            if (index < 0 && level.State == MimeState.Leaf && heldLength > 0) sink.Body(heldEnd.AsSpan(0, heldLength));
            heldLength = 0;
            sink.Close(Math.Max(level.BodyOffset, offset - endBefore));
            levels.RemoveAt(levels.Count - 1);
        }
    }

    /// <summary>Before the first delimiter: a delimiter nobody declared shows itself by the header below it.</summary>
    void Preamble(ReadOnlySpan<byte> content, ReadOnlySpan<byte> end, long offset, bool startsLine)
    {
        var level = Top;
        if (!startsLine || guess.Before(content, level.HasBoundary) is not { } found)
        {
            guess.Note(content, startsLine, offset);
            return;
        }
        defects.Add(level.HasBoundary ? MimeDefectCode.BoundaryWrong : MimeDefectCode.BoundaryMissing, guess.Offset);
        (level.Delimiter, level.HasParts) = (found, true);
        guess.Clear();
        Child(offset, level.IsDigest, false);
        Feed(content, end, offset, true);
    }
}
