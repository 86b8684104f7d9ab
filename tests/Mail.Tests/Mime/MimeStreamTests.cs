using System.Text;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Tests.Mime;

public sealed class MimeStreamTests
{
    sealed class Collecting : MimeVisitor
    {
        readonly List<(string Path, string Type, MemoryStream Content)> parts = [];
        readonly Stack<int> open = [];

        public IEnumerable<(string Path, string Type, string Content)> Parts => parts.Select(part => (part.Path, part.Type, IsMultipart(part.Type) ? "" : Convert.ToHexString(part.Content.ToArray())));

        public long Octets { get; private set; }

        public bool KeepsContent { get; init; } = true;

        public override void Begin(string path, MimeHead head)
        {
            open.Push(parts.Count);
            parts.Add((path, head.MediaType, new MemoryStream()));
        }

        public override void Content(ReadOnlySpan<byte> octets)
        {
            Octets += octets.Length;
            if (KeepsContent) parts[open.Peek()].Content.Write(octets);
        }

        public override void End(string path, bool isCut) => Assert.Equal(path, parts[open.Pop()].Path);
    }

    // Hands out a few octets at a time, so that every line end is cut somewhere.
    sealed class Dripping(byte[] octets, Random random) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 40))], cancellationToken);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public async Task Stream_and_memory_see_the_same_parts_and_contents(int seed)
    {
        var random = new Random(seed);
        foreach (var sample in Fuzz.Mutations.Samples("mime", random, 150))
        {
            var tree = MimeReader.Read(sample, new MimeLimits());
            var visitor = new Collecting();
            await MimeStreamReader.Read(new Dripping(sample, random), visitor, new MimeLimits(), TestContext.Current.CancellationToken);
            var (expected, seen) = (Flat("1", tree).ToList(), visitor.Parts.ToList());
            Assert.Equal(expected.Select(part => part.Path + part.Type), seen.Select(part => part.Path + part.Type));
            foreach (var (one, other) in expected.Zip(seen)) Assert.True(one.Content == other.Content, $"seed {seed}, part {one.Path}:\n{one.Content}\n{other.Content}\n{Convert.ToBase64String(sample)}");
        }
    }

    // Containers have no content of their own in a stream.
    static IEnumerable<(string Path, string Type, string Content)> Flat(string path, MimePart part)
    {
        yield return (path, part.MediaType, IsMultipart(part.MediaType) || part.Parts.Count > 0 ? "" : Convert.ToHexString(part.Content()));
        for (var i = 0; i < part.Parts.Count; i++)
            foreach (var inner in Flat($"{path}.{i + 1}", part.Parts[i])) yield return inner;
    }

    static bool IsMultipart(string type) => type.StartsWith("multipart/", StringComparison.Ordinal);

    [Theory]
    [InlineData("base64")]
    [InlineData("quoted-printable")]
    [InlineData("8bit")]
    public async Task Fifty_megabytes_take_no_more_memory_than_one(string encoding)
    {
        var visitor = new Collecting { KeepsContent = false };
        var line = Encoding.ASCII.GetBytes(new string('A', 76) + "\r\n");
        var before = GC.GetAllocatedBytesForCurrentThread();
        await MimeStreamReader.Read(new Repeating($"Content-Transfer-Encoding: {encoding}\r\n\r\n", line, 50_000_000), visitor, new MimeLimits(), TestContext.Current.CancellationToken);
        Assert.InRange(visitor.Octets, encoding == "base64" ? 36_000_000 : 48_000_000, 50_000_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public async Task Line_of_many_megabytes_streams_too()
    {
        var visitor = new Collecting { KeepsContent = false };
        await MimeStreamReader.Read(new Repeating("X: y\r\n\r\n", "AAAA"u8.ToArray(), 5_000_000), visitor, new MimeLimits(), TestContext.Current.CancellationToken);
        Assert.Equal(5_000_000 - 8, visitor.Octets);
    }

    sealed class Repeating(string head, byte[] row, long size) : MemoryStream
    {
        readonly byte[] start = Encoding.ASCII.GetBytes(head);
        long at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, size - at);
            for (var i = 0; i < count; i++, at++) buffer.Span[i] = at < start.Length ? start[at] : row[(at - start.Length) % row.Length];
            return ValueTask.FromResult(count);
        }
    }
}
