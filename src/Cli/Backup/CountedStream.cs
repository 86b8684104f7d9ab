using PenguinMails.Secrets.Archives;

namespace PenguinMails.Cli.Backup;

/// <summary>Tells how much was read so far.</summary>
sealed class CountedStream(Stream inner, Action<long> told) : ReadOnlyStream
{
    long _total;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = await inner.ReadAsync(buffer, cancellationToken);
        if (length > 0) told(_total += length);
        return length;
    }
}
