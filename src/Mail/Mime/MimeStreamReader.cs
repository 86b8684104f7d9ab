using System.Globalization;

namespace PenguinMails.Mail.Mime;

/// <summary>Reads a message of any size in memory that does not grow with it, by the same machine as <see cref="MimeReader"/>.</summary>
/// <remarks>Keeps one header and some blocks of 64 KiB; header fields beyond the limits are cut.</remarks>
public static class MimeStreamReader
{
    const int BlockOctets = 32 * 1024;

    /// <summary>Reads to the end of the stream and tells the visitor. What the visitor or the stream throws passes through.</summary>
    /// <returns>The defects found; those of base64 and quoted-printable name the body they are in, once for each part.</returns>
    public static async Task<IReadOnlyList<MimeDefect>> Read(Stream stream, MimeVisitor visitor, MimeLimits limits, CancellationToken ct)
    {
        var defects = new MimeDefects(limits.DefectsMax);
        var sink = new VisitorSink(visitor, limits, defects, new MimeCount(), 0, "1");
        var feed = new MimeFeed(sink.Machine);
        var block = new byte[BlockOctets];
        while (await stream.ReadAsync(block, ct).ConfigureAwait(false) is > 0 and var count)
            if (feed.Take(block.AsSpan(0, count))) defects.Add(MimeDefectCode.ByteOrderMark, 0);
        feed.Finish();
        return defects.Found;
    }

    /// <summary>Turns what the machine reports into calls of a visitor, with bodies decoded and messages that were encoded read in turn.</summary>
    sealed class VisitorSink : IMimeSink
    {
        sealed class Entry(string path)
        {
            public string Path { get; } = path;
            public int Children { get; set; }
            public bool IsCut { get; set; }
            public ContentDecoder? Decoder { get; init; }
            public MimeFeed? Inner { get; init; }
        }

        readonly MimeVisitor visitor;
        readonly MimeLimits limits;
        readonly MimeDefects defects;
        readonly MimeCount count;
        readonly int depth;
        readonly string rootPath;
        readonly List<Entry> open = [];

        public VisitorSink(MimeVisitor visitor, MimeLimits limits, MimeDefects defects, MimeCount count, int depth, string rootPath)
        {
            (this.visitor, this.limits, this.defects, this.count, this.depth, this.rootPath) = (visitor, limits, defects, count, depth, rootPath);
            Machine = new MimeMachine(limits, this, defects, count, depth);
        }

        public MimeMachine Machine { get; }

        public bool TakesBody => true;

        public void Open(MimeHead head, long offset, long bodyOffset)
        {
            var path = rootPath;
            if (open.Count > 0) path = open[^1].Path + "." + (++open[^1].Children).ToString(CultureInfo.InvariantCulture);
            var isInner = head.IsMessage && head.Encoding is "base64" or "quoted-printable";
            var inside = depth + open.Count + 1;
            var isDeep = isInner && (inside > limits.DepthMax || count.Parts >= limits.PartsMax);
            if (isInner) defects.Add(isDeep ? MimeDefectCode.PartsTooDeep : MimeDefectCode.MessageEncoded, bodyOffset);
            open.Add(new Entry(path)
            {
                Decoder = new ContentDecoder(head.Encoding, FlowedText.IsFlowed(head), defects, bodyOffset),
                Inner = isInner && !isDeep ? new MimeFeed(new VisitorSink(visitor, limits, defects, count, inside, path + ".1").Machine) : null,
                IsCut = isDeep,
            });
            visitor.Begin(path, head);
        }

        public void Body(ReadOnlySpan<byte> octets) => Pass(open[^1], octets, false);

        public void Cut() => open[^1].IsCut = true;

        public void Close(long bodyEnd)
        {
            var entry = open[^1];
            Pass(entry, [], true);
            entry.Inner?.Finish();
            open.RemoveAt(open.Count - 1);
            visitor.End(entry.Path, entry.IsCut);
        }

        void Pass(Entry entry, ReadOnlySpan<byte> octets, bool isLast)
        {
            if (entry.Decoder is null) return;
            var content = entry.Decoder.Decode(octets, isLast);
            if (content.IsEmpty) return;
            if (entry.Inner is null) visitor.Content(content);
            else entry.Inner.Take(content);
        }
    }
}
