using System.IO.Compression;
using PenguinMails.Core.Db;

namespace PenguinMails.Campaigns.Imports;

/// <summary>The stored pieces of an upload as one stream; holds one piece at a time.</summary>
sealed class ChunkStream(TenantTx tx, ImportId import) : Stream
{
    const string Select = "select bytes from campaigns.import_chunk where tenant_id = $1 and import_id = $2 and number = $3";

    byte[] _chunk = [];
    int _offset;
    int _number;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_offset == _chunk.Length)
        {
            _chunk = await tx.Maybe(Select, row => Chunk.Inflate(row.GetFieldValue<byte[]>(0)), cancellationToken, tx.Tenant, import, _number++) ?? [];
            _offset = 0;
        }

        var count = Math.Min(buffer.Length, _chunk.Length - _offset);
        _chunk.AsMemory(_offset, count).CopyTo(buffer);
        _offset += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A piece of an upload as it lies in the database: lists of people deflate to a fifth, which spares the disk most of the work.</summary>
static class Chunk
{
    public static byte[] Deflate(ReadOnlySpan<byte> piece)
    {
        using var stored = new MemoryStream();
        using (var deflate = new DeflateStream(stored, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(piece);
        return stored.ToArray();
    }

    public static byte[] Inflate(byte[] stored)
    {
        using var piece = new MemoryStream();
        using (var inflate = new DeflateStream(new MemoryStream(stored), CompressionMode.Decompress)) inflate.CopyTo(piece);
        return piece.ToArray();
    }
}
