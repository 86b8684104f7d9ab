using System.Buffers.Text;
using System.IO.Compression;
using PenguinMails.Mail.Mime;

namespace PenguinMails.Mail.Reports;

/// <summary>What a payload is, by its first octets: names and content types of reports are often wrong.</summary>
enum PayloadKind
{
    Xml,
    Json,
    Gzip,
    Zip,
    Other,
}

/// <summary>Finds the report inside whatever it came in: the bare file, gzip, zip, or an attachment of a message.</summary>
static class ReportPayload
{
    /// <summary>Octets a payload may have once unpacked; what follows is left unread.</summary>
    public const long UnpackedOctetsMax = 64L * 1024 * 1024;

    /// <summary>Times a payload may grow in unpacking, above a first megabyte: real reports stay under 100.</summary>
    public const int GrowthMax = 1000;

    const int LayersMax = 3;
    const int EntriesMax = 200;

    /// <summary>Streams of reports of the wanted kind, most likely first. Each is opened anew by its caller and bounded.</summary>
    public static IEnumerable<Func<Stream>> Find(ReadOnlyMemory<byte> input, PayloadKind wanted)
    {
        if (KindOf(input.Span) != PayloadKind.Other) return Unpack(input, wanted, 0);
        // A mail begins with a header; anything in it may hold the report.
        return MimeReader.Read(input, new MimeLimits()).All().Where(part => part.Parts.Count == 0).SelectMany(part => InPart(part, wanted));
    }

    public static PayloadKind KindOf(ReadOnlySpan<byte> octets)
    {
        if (octets.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return PayloadKind.Gzip;
        if (octets.StartsWith("PK\u0003\u0004"u8)) return PayloadKind.Zip;
        var bare = octets[..Math.Min(octets.Length, 256)].TrimStart((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF, 0xFE, 0xFF, 0, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n']);
        return bare.IsEmpty ? PayloadKind.Other : bare[0] switch { (byte)'<' => PayloadKind.Xml, (byte)'{' => PayloadKind.Json, _ => PayloadKind.Other };
    }

    static IEnumerable<Func<Stream>> InPart(MimePart part, PayloadKind wanted)
    {
        ReadOnlyMemory<byte> octets = part.Content();
        var kind = KindOf(octets.Span);
        // Encoded twice, or encoded without saying so.
        if (kind == PayloadKind.Other && Encoded(octets) is { } inner) (octets, kind) = (inner, KindOf(inner));
        return kind == PayloadKind.Other ? [] : Unpack(octets, wanted, 0);
    }

    static byte[]? Encoded(ReadOnlyMemory<byte> octets)
    {
        if (octets.Length is < 16 or > 32 * 1024 * 1024 || !Base64.IsValid(octets.Span, out var length)) return null;
        var made = new byte[length];
        return Base64.DecodeFromUtf8(octets.Span, made, out _, out var written) == System.Buffers.OperationStatus.Done ? made[..written] : null;
    }

    static IEnumerable<Func<Stream>> Unpack(ReadOnlyMemory<byte> octets, PayloadKind wanted, int layer)
    {
        var kind = KindOf(octets.Span);
        if (kind == wanted) return [() => new BoundedStream(Reading(octets), UnpackedOctetsMax)];
        if (layer >= LayersMax) return [];
        return kind switch
        {
            PayloadKind.Gzip => Inside(() => new BoundedStream(new GZipStream(Reading(octets), CompressionMode.Decompress), Allowed(octets.Length)), wanted, layer),
            PayloadKind.Zip => Entries(octets).SelectMany(entry => Inside(entry, wanted, layer)),
            _ => [],
        };
    }

    /// <summary>Looks at the first octets of an unpacked stream: a report, or one more layer.</summary>
    static IEnumerable<Func<Stream>> Inside(Func<Stream> open, PayloadKind wanted, int layer)
    {
        var start = new byte[256];
        int count;
        try
        {
            using var stream = open();
            count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or NotSupportedException)
        {
            return [];
        }

        var kind = KindOf(start.AsSpan(0, count));
        if (kind == wanted) return [open];
        return kind is PayloadKind.Gzip or PayloadKind.Zip && Whole(open) is { } inner ? Unpack(inner, wanted, layer + 1) : [];
    }

    static byte[]? Whole(Func<Stream> open)
    {
        const int innerOctetsMax = 16 * 1024 * 1024;
        try
        {
            using var stream = new BoundedStream(open(), innerOctetsMax);
            using var made = new MemoryStream();
            stream.CopyTo(made);
            return made.ToArray();
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or NotSupportedException)
        {
            return null;
        }
    }

    static List<Func<Stream>> Entries(ReadOnlyMemory<byte> octets)
    {
        try
        {
            using var archive = new ZipArchive(Reading(octets), ZipArchiveMode.Read);
            return [.. Enumerable.Range(0, Math.Min(archive.Entries.Count, EntriesMax)).Where(i => archive.Entries[i].Length > 0).Select<int, Func<Stream>>(i => () => Entry(octets, i))];
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or NotSupportedException)
        {
            return [];
        }
    }

    // The archive lives as long as the stream of its entry; both are memory only.
    static BoundedStream Entry(ReadOnlyMemory<byte> octets, int index) =>
        new(new ZipArchive(Reading(octets), ZipArchiveMode.Read).Entries[index].Open(), Allowed(octets.Length));

    static long Allowed(int packed) => Math.Min(UnpackedOctetsMax, (1024 * 1024) + ((long)packed * GrowthMax));

    static MemoryStream Reading(ReadOnlyMemory<byte> octets) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(octets, out var array) && array.Array is { } whole
            ? new MemoryStream(whole, array.Offset, array.Count, false)
            : new MemoryStream(octets.ToArray(), false);
}
