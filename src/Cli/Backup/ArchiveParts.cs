using System.Buffers.Binary;
using System.Text;
using PenguinMails.Secrets.Archives;

namespace PenguinMails.Cli.Backup;

/// <summary>The order of parts inside an archive: name, then pieces with their length in front, then a length of 0; an empty name ends it all.</summary>
/// <remarks>No length of a part is known beforehand, so that a dump goes in as it comes.</remarks>
static class ArchiveParts
{
    public const string Manifest = "manifest.json";
    public const string Keys = "keys.json";
    public const string Configuration = "penguin.json";
    public const string Database = "database.dump";

    public static async Task WriteText(Stream archive, string name, string text, CancellationToken ct)
    {
        await Begin(archive, name, ct);
        await Piece(archive, Encoding.UTF8.GetBytes(text), ct);
        await End(archive, ct);
    }

    /// <param name="told">Called with the bytes so far.</param>
    /// <returns>Bytes copied.</returns>
    public static async Task<long> WriteStream(Stream archive, string name, Stream source, Action<long> told, CancellationToken ct)
    {
        await Begin(archive, name, ct);
        var (buffer, total) = (new byte[64 * 1024], 0L);
        while (await source.ReadAsync(buffer, ct) is > 0 and var length)
        {
            await Piece(archive, buffer.AsMemory(0, length), ct);
            told(total += length);
        }

        await End(archive, ct);
        return total;
    }

    public static Task Close(Stream archive, CancellationToken ct) => archive.WriteAsync(new byte[1], ct).AsTask();

    static Task Begin(Stream archive, string name, CancellationToken ct) => archive.WriteAsync((byte[])[(byte)name.Length, .. Encoding.ASCII.GetBytes(name)], ct).AsTask();

    static Task End(Stream archive, CancellationToken ct) => archive.WriteAsync(new byte[4], ct).AsTask();

    static async Task Piece(Stream archive, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        await archive.WriteAsync(length, ct);
        await archive.WriteAsync(bytes, ct);
    }
}

/// <summary>One part as a stream; it ends where the part ends.</summary>
sealed class ArchivePart(Stream archive) : ReadOnlyStream
{
    const int TextBytesMax = 64 * 1024 * 1024;
    int _left;
    bool _isOver;

    /// <summary>The next part, which must have this name.</summary>
    /// <exception cref="ArchiveDamaged">Another part stands here: written by another program.</exception>
    public static async Task<ArchivePart> Next(Stream archive, string name, CancellationToken ct)
    {
        var length = new byte[1];
        await archive.ReadExactlyAsync(length, ct);
        var found = new byte[length[0]];
        await archive.ReadExactlyAsync(found, ct);
        return Encoding.ASCII.GetString(found) == name ? new ArchivePart(archive) : throw new ArchiveDamaged("backup.damaged", $"The part {name} is not where it belongs in the backup.");
    }

    public static async Task<T> Json<T>(Stream archive, string name, CancellationToken ct) => Core.Json.Read<T>(await Text(archive, name, ct));

    public static async Task<string> Text(Stream archive, string name, CancellationToken ct)
    {
        await using var part = await Next(archive, name, ct);
        using var text = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await part.ReadAsync(buffer, ct) is > 0 and var length)
        {
            if (text.Length + length > TextBytesMax) throw new ArchiveDamaged("backup.damaged", $"The part {name} of the backup is larger than it can be.");
            text.Write(buffer, 0, length);
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    /// <summary>Reads on to the end of the archive, which proves that nothing is missing.</summary>
    /// <exception cref="ArchiveDamaged">A block does not open, or the end is missing.</exception>
    public static async Task Finish(Stream archive, CancellationToken ct)
    {
        var buffer = new byte[1];
        if (await archive.ReadAsync(buffer, ct) != 1 || buffer[0] != 0 || await archive.ReadAsync(buffer, ct) != 0)
            throw new ArchiveDamaged("backup.damaged", "Something stands in the backup where its end should be.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isOver || buffer.Length == 0) return 0;
        if (_left == 0)
        {
            var length = new byte[4];
            await archive.ReadExactlyAsync(length, cancellationToken);
            _left = BinaryPrimitives.ReadInt32BigEndian(length);
            if (_isOver = _left <= 0) return 0;
        }

        var read = await archive.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
        if (read == 0) throw new ArchiveDamaged("backup.damaged", "A part of the backup ends too early.");
        _left -= read;
        return read;
    }
}
