namespace PenguinMails.Secrets.Archives;

/// <summary>Writes an encrypted archive in memory that does not grow: two blocks of 128 KiB. Without <see cref="Complete"/> the file stays one that is cut off.</summary>
public sealed class ArchiveWriter : WriteOnlyStream
{
    readonly Stream _file;
    readonly ArchiveBlocks _blocks;
    readonly byte[] _plain = new byte[ArchiveBlocks.PlainBytes];
    readonly byte[] _sealed = new byte[ArchiveBlocks.PlainBytes + ArchiveBlocks.TagBytes];
    int _length;

    ArchiveWriter(Stream file, ArchiveBlocks blocks) => (_file, _blocks) = (file, blocks);

    /// <summary>Writes the head. The file stays the caller's to close.</summary>
    public static async Task<ArchiveWriter> Start(Stream file, ArchiveLock @lock, CancellationToken ct) => new(file, new ArchiveBlocks(await ArchiveHead.Write(file, @lock, ct)));

    /// <exception cref="IOException">The file could not be written.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            // A full block waits for a byte behind it: only then is it known not to be the last.
            if (_length == _plain.Length) await Put(isLast: false, cancellationToken);
            var part = Math.Min(buffer.Length, _plain.Length - _length);
            buffer.Span[..part].CopyTo(_plain.AsSpan(_length));
            _length += part;
            buffer = buffer[part..];
        }
    }

    /// <summary>Seals the last block and marks it so.</summary>
    public Task Complete(CancellationToken ct) => Put(isLast: true, ct);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _blocks.Dispose();
        base.Dispose(disposing);
    }

    async Task Put(bool isLast, CancellationToken ct)
    {
        _blocks.Seal(_plain.AsSpan(0, _length), _sealed, isLast);
        await _file.WriteAsync(_sealed.AsMemory(0, _length + ArchiveBlocks.TagBytes), ct);
        _length = 0;
    }
}
