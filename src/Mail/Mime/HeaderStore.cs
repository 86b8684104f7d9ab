using System.Buffers;

namespace PenguinMails.Mail.Mime;

/// <summary>A field in the octets of its block.</summary>
/// <param name="Offset">Of the field's first octet in the input.</param>
readonly record struct HeaderField(int Start, int End, int NameLength, long Offset);

/// <summary>The octets of a header and where its fields lie in them; both in rented memory.</summary>
sealed class HeaderStore
{
    HeaderField[] fields = ArrayPool<HeaderField>.Shared.Rent(64);
    byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);

    public int Count { get; private set; }

    /// <summary>Octets kept.</summary>
    public int Used { get; private set; }

    public ReadOnlySpan<HeaderField> Fields => fields.AsSpan(0, Count);

    public ref HeaderField Last => ref fields[Count - 1];

    public Span<byte> Octets(int start, int end) => buffer.AsSpan(start, end - start);

    public void Clear() => (Count, Used) = (0, 0);

    public void Cut(int used) => Used = used;

    public void Add(int nameLength, long offset)
    {
        if (Count == fields.Length)
        {
            var larger = ArrayPool<HeaderField>.Shared.Rent(fields.Length * 2);
            Fields.CopyTo(larger);
            ArrayPool<HeaderField>.Shared.Return(fields);
            fields = larger;
        }
        fields[Count++] = new HeaderField(Used, Used, nameLength, offset);
    }

    public void Append(ReadOnlySpan<byte> octets)
    {
        if (Used + octets.Length > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, Used + octets.Length));
            buffer.AsSpan(0, Used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        octets.CopyTo(buffer.AsSpan(Used));
        Used += octets.Length;
    }

    /// <summary>Gives the memory back; the store is not used after it.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        ArrayPool<HeaderField>.Shared.Return(fields);
        (buffer, fields, Used, Count) = ([], [], 0, 0);
    }
}

enum HeaderStep
{
    /// <summary>The line belongs to the header, or that is not known yet.</summary>
    More,

    /// <summary>The line was the empty one that ends the header.</summary>
    EndAfter,

    /// <summary>The header ended before this line: see <see cref="HeaderBlock.Held"/> for lines that already were body.</summary>
    EndBefore,
}
