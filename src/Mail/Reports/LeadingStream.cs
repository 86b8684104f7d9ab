namespace PenguinMails.Mail.Reports;

/// <summary>Leaves out white space before the first octet that counts: an XML declaration must be the very first thing (XML 1.0, 2.8).</summary>
sealed class LeadingStream(Stream inner) : Stream
{
    bool _hasBegun;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        while (!_hasBegun && count > 0)
        {
            var kept = buffer[..count].TrimStart(" \t\r\n"u8);
            if (kept.Length > 0)
            {
                _hasBegun = true;
                kept.CopyTo(buffer);
                return kept.Length;
            }
            count = inner.Read(buffer);
        }
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
