using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using PenguinMails.Mail.Addresses;
using PenguinMails.Mail.Mime;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Bench;

/// <summary>Reading and writing of messages, on one thread and without any input or output.</summary>
static class MimeBench
{
    const double Million = 1_000_000;

    static readonly TimeSpan Warm = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);

    public static async Task Run(CancellationToken ct)
    {
        var message = MessageWriter.Write(Message(24));
        var received = Encoding.ASCII.GetBytes(Trace()).Concat(MessageWriter.Write(Message(17))).ToArray();
        var (rate, allocated) = Measure(() => Parse(received));
        Row($"MIME read, {received.Length} octets, texts as strings", rate, received.Length, "at least 150 MB/s");
        Stage.Row("MIME read, allocated per octet", (allocated / received.Length).ToString("N2", CultureInfo.InvariantCulture), "", "", "under 3");
        (rate, allocated) = Measure(() => MimeReader.Read(received, new MimeLimits()).Parts.Count);
        Row("MIME read, the tree alone", rate, received.Length, "");
        Stage.Row("MIME read, the tree alone, allocated per octet", Number(allocated / received.Length), "", "", "");
        Write(message.Length);
        await Stream(ct);
    }

    static void Write(int length)
    {
        var message = Message(24);
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var wire = new byte[64 * 1024];
        var (rate, _) = Measure(() =>
        {
            output.ResetWrittenCount();
            MessageWriter.Write(message, output);
            return DotStuffing.Copy(output.WrittenSpan, true, wire);
        });
        Row($"MIME write and dot-stuff, {length} octets", rate, length, "at least 400 MB/s");
    }

    static async Task Stream(CancellationToken ct)
    {
        const int size = 50 * 1000 * 1000;
        await MimeStreamReader.Read(new LongMessage(1_000_000), new Counting(), new MimeLimits(), ct);
        var counting = new Counting();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        await MimeStreamReader.Read(new LongMessage(size), counting, new MimeLimits(), ct);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Stage.Row($"MIME stream, 50 MB, {counting.Octets / Million:F1} MB decoded", Number(size / Million / seconds) + " MB/s", "", "", "");
        Stage.Row("MIME stream, 50 MB, allocated in all", Number(allocated / 1024.0) + " KB", "", "", "under 1 MB");
    }

    static int Parse(byte[] received)
    {
        var message = MimeReader.Read(received, new MimeLimits());
        var length = message.Header("Subject")?.Length ?? 0;
        length += MailboxList.Parse(message.Raw("From")).Count;
        if (MailDate.TryParse(message.Raw("Date"), out _)) length++;
        foreach (var part in message.Parts) length += part.Text().Length;
        return length;
    }

    /// <returns>Rounds a second, and octets allocated in a round.</returns>
    static (double Rate, double Allocated) Measure(Func<int> work)
    {
        Rounds(work, Warm, out _);
        var rate = Rounds(work, Measured, out var allocated);
        return (rate, allocated);
    }

    static double Rounds(Func<int> work, TimeSpan time, out double allocated)
    {
        var (rounds, sink) = (0L, 0L);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            for (var i = 0; i < 100; i++) sink += work();
            rounds += 100;
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        if (sink == 0) throw new InvalidOperationException("Nothing was measured.");
        return rounds / seconds;
    }

    static void Row(string measure, double rate, int octets, string goal) => Stage.Row(measure, Number(rate * octets / Million) + " MB/s", "", "", goal);

    static string Number(double value) => value.ToString("N1", CultureInfo.InvariantCulture);

    static OutgoingMessage Message(int lines) => new()
    {
        From = new Mailbox(EmailAddress.Parse("alice@acme-outreach.example"), HeaderText.Create("Alice Fisher")),
        To = [new Mailbox(EmailAddress.Parse("bob@bigmail.example"), HeaderText.Create("Bob Miller"))],
        Subject = HeaderText.Create("Question about your onboarding flow – für Bob"),
        Date = new DateTimeOffset(2026, 11, 21, 3, 4, 5, TimeSpan.Zero),
        MessageId = MessageId.Parse("<1@acme-outreach.example>"),
        Text = string.Concat(Enumerable.Range(0, lines).Select(i => $"Line {i} of a letter that tells Bob what he asked for, in plain words.\r\n")),
        Html = string.Concat(Enumerable.Range(0, lines).Select(i => $"<p style=\"margin:0\">Line {i} of a letter that tells <b>Bob</b> what he asked for – schön.</p>\r\n")),
        ListUnsubscribe = ListUnsubscribe.Create(new Uri("https://u.acme-outreach.example/t/0123456789abcdef"), null),
    };

    static string Trace() => string.Concat(Enumerable.Range(0, 6).Select(i =>
        $"Received: from mx{i}.acme-outreach.example (mx{i}.acme-outreach.example [192.0.2.{i}])\r\n by mail{i}.bigmail.example (Postfix) with ESMTPS id 84F08BAA3C{i}\r\n for <bob@bigmail.example>; Sat, 21 Nov 2026 03:04:0{i} +0000 (UTC)\r\nX-Spam-Status: No, score=-0.{i}\r\n"));

    /// <summary>One attachment in base64, made while it is read.</summary>
    sealed class LongMessage(long size) : System.IO.Stream
    {
        static readonly byte[] Head = Encoding.ASCII.GetBytes("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        static readonly byte[] Row = Encoding.ASCII.GetBytes(new string('A', 76) + "\r\n");
        long position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => size;
        public override long Position { get => position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, size - position);
            for (var i = 0; i < count;)
            {
                var at = position + i;
                var piece = at < Head.Length ? Head.AsSpan((int)at) : Row.AsSpan((int)((at - Head.Length) % Row.Length));
                piece = piece[..Math.Min(piece.Length, count - i)];
                piece.CopyTo(buffer[i..]);
                i += piece.Length;
            }
            position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    sealed class Counting : MimeVisitor
    {
        public long Octets { get; private set; }

        public override void Content(ReadOnlySpan<byte> octets) => Octets += octets.Length;
    }
}
