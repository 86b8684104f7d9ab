using PenguinMails.Core;

namespace PenguinMails.Secrets.Archives;

/// <summary>Reads an encrypted archive block by block; gives out nothing that was not proved genuine. The end is reached only behind the block that is marked as the last.</summary>
public sealed class ArchiveReader : ReadOnlyStream
{
    readonly Stream _file;
    readonly ArchiveBlocks _blocks;
    readonly byte[] _sealed = new byte[ArchiveBlocks.PlainBytes + ArchiveBlocks.TagBytes + 1];
    readonly byte[] _plain = new byte[ArchiveBlocks.PlainBytes];
    bool _isAhead;
    bool _isOver;
    int _at;
    int _length;

    ArchiveReader(Stream file, ArchiveBlocks blocks) => (_file, _blocks) = (file, blocks);

    /// <summary>Blocks opened so far.</summary>
    public long Blocks => _blocks.Count;

    /// <summary>Refuses with a problem of <see cref="ArchiveProblems"/>. The file stays the caller's to close.</summary>
    public static async Task<Result<ArchiveReader>> Open(Stream file, ArchiveOpener opener, CancellationToken ct)
    {
        var head = await ArchiveHead.Read(file, opener, ct);
        return head.Problem is { } problem ? problem : new ArchiveReader(file, new ArchiveBlocks(head.Value));
    }

    /// <exception cref="ArchiveDamaged">The next block was changed, moved or is missing.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        while (_at == _length)
        {
            if (_isOver) return 0;
            await Next(cancellationToken);
        }

        var part = Math.Min(buffer.Length, _length - _at);
        _plain.AsSpan(_at, part).CopyTo(buffer.Span);
        _at += part;
        return part;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _blocks.Dispose();
        base.Dispose(disposing);
    }

    // One byte more than a block: if it comes, this block is not the last, and the byte begins the next.
    async Task Next(CancellationToken ct)
    {
        var carried = _isAhead ? 1 : 0;
        if (_isAhead) _sealed[0] = _sealed[^1];
        var length = carried + await _file.ReadAtLeastAsync(_sealed.AsMemory(carried), _sealed.Length - carried, throwOnEndOfStream: false, ct);
        _isAhead = length == _sealed.Length;
        _isOver = !_isAhead;
        var block = _isAhead ? length - 1 : length;
        (_at, _length) = (0, 0);
        _blocks.Open(_sealed.AsSpan(0, block), _plain, isLast: _isOver);
        _length = block - ArchiveBlocks.TagBytes;
    }
}
