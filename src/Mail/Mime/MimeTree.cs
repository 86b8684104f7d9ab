namespace PenguinMails.Mail.Mime;

/// <summary>Builds the tree of a message that lies in memory: runs the machine over it and keeps slices.</summary>
sealed class MimeTree(ReadOnlyMemory<byte> message, MimeLimits limits, MimeDefects defects, MimeCount count, int depth, long? decodedAt) : IMimeSink
{
    readonly List<(MimePart Part, List<MimePart>? Parts)> open = [];
    MimePart? root;

    public bool TakesBody => false;

    /// <summary>Octets that messages inside may still take when they are decoded.</summary>
    public long Budget { get; set; }

    public MimePart Read()
    {
        var machine = new MimeMachine(limits, this, defects, count, depth);
        var octets = message.Span;
        var at = octets.StartsWith("\ufeff"u8) ? 3 : 0;
        if (at > 0) defects.Add(MimeDefectCode.ByteOrderMark, 0);
        machine.Begin(at);
        while (at < octets.Length)
        {
            var length = Lines.Next(octets[at..], true, out var end);
            machine.Line(octets.Slice(at, length), octets.Slice(at + length, end), at, true);
            at += length + end;
        }
        machine.Finish(octets.Length);
        return root ?? throw new InvalidOperationException("The machine opens the message before it closes it.");
    }

    public void Open(MimeHead head, long offset, long bodyOffset)
    {
        var part = new MimePart(head, offset, bodyOffset, limits) { DecodedAt = decodedAt };
        root ??= part;
        if (open.Count > 0)
        {
            var (parent, parts) = open[^1];
            parts ??= [];
            parts.Add(part);
            open[^1] = (parent, parts);
        }
        open.Add((part, null));
    }

    public void Body(ReadOnlySpan<byte> octets)
    {
        // Bodies are sliced when they close.
    }

    public void Cut() => open[^1].Part.IsCut = true;

    public void Close(long bodyEnd)
    {
        var (part, parts) = open[^1];
        open.RemoveAt(open.Count - 1);
        part.Body = message[(int)part.BodyOffset..(int)bodyEnd];
        if (parts is not null) part.Parts = parts;
        else if (part.Head.IsMessage && part.Head.IsEncoded) Inner(part);
    }

    /// <summary>RFC 2046 5.2.1 forbids encoding a message, and some gateways do.</summary>
    void Inner(MimePart part)
    {
        // The machine's own levels are closed one by one, so those still open are the parents.
        var inside = depth + open.Count + 1;
        if (inside > limits.DepthMax || count.Parts >= limits.PartsMax || Budget < part.Body.Length)
        {
            defects.Add(inside > limits.DepthMax ? MimeDefectCode.PartsTooDeep : MimeDefectCode.PartsTooMany, decodedAt ?? part.BodyOffset);
            part.IsCut = true;
            return;
        }
        Budget -= part.Body.Length;
        var outer = decodedAt ?? part.BodyOffset;
        var before = defects.FixedOffset;
        defects.FixedOffset = outer;
        defects.Add(MimeDefectCode.MessageEncoded, outer);
        var tree = new MimeTree(part.Content(defects), limits, defects, count, inside, outer) { Budget = Budget };
        part.Parts = [tree.Read()];
        Budget = tree.Budget;
        defects.FixedOffset = before;
    }
}
