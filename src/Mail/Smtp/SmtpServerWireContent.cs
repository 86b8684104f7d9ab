using System.Buffers;

namespace PenguinMails.Mail.Smtp;

/// <summary>The part that reads messages, and what a proxy says before the greeting.</summary>
sealed partial class SmtpServerWire
{
    /// <summary>A message up to CRLF.CRLF, dots removed.</summary>
    public async ValueTask<(ContentFault Fault, byte[] Message)> Content()
    {
        var scanned = 0;
        var dropped = 0L;
        while (true)
        {
            var at = SmtpContent.EndOfData(room.AsSpan(start, end - start), scanned, dropped == 0);
            if (at >= 0)
            {
                var raw = room.AsSpan(start, at);
                var fault = dropped > 0 ? ContentFault.TooLarge : raw.Length > options.MessageOctetsMax ? ContentFault.TooLarge : SmtpContent.Check(raw, options.MessageLineOctetsMax);
                var message = fault == ContentFault.None ? SmtpContent.Unstuffed(raw) : [];
                start += at + 3;
                return (fault, message);
            }
            scanned = Math.Max(0, end - start - 4);
            if (end - start > options.MessageOctetsMax + 5)
            {
                dropped += end - start - 4;
                start = end - 4;
                scanned = 0;
                if (dropped > options.MessageOctetsMax * 4L) return (ContentFault.Closed, []);
            }
            var trouble = await Fill(options.Idle).ConfigureAwait(false);
            if (trouble != LineFault.None) return (trouble == LineFault.TimedOut ? ContentFault.TimedOut : ContentFault.Closed, []);
        }
    }

    /// <summary>So many octets, as they are; thrown away when <paramref name="kept"/> is null.</summary>
    public async ValueTask<ContentFault> Chunk(long octets, ArrayBufferWriter<byte>? kept)
    {
        if (octets > options.MessageOctetsMax * 4L) return ContentFault.Closed;
        while (true)
        {
            var take = (int)Math.Min(octets, end - start);
            kept?.Write(room.AsSpan(start, take));
            start += take;
            octets -= take;
            if (octets == 0) return ContentFault.None;
            var trouble = await Fill(options.Idle).ConfigureAwait(false);
            if (trouble != LineFault.None) return trouble == LineFault.TimedOut ? ContentFault.TimedOut : ContentFault.Closed;
        }
    }

    /// <summary>What a proxy in front says of the client, before the greeting. Null when it says nothing sensible in time: hang up.</summary>
    public async ValueTask<ProxyHeader?> Proxied()
    {
        while (true)
        {
            var header = ProxyHeader.Read(room.AsSpan(start, end - start), out var octets);
            start += octets;
            if (header is not null) return header.IsBroken ? null : header;
            if (await Fill(options.Command).ConfigureAwait(false) != LineFault.None) return null;
        }
    }
}
