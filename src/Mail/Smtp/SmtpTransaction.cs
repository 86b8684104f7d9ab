using System.Buffers;
using System.Globalization;

namespace PenguinMails.Mail.Smtp;

/// <summary>MAIL, RCPT, DATA and the message: in one group where the server pipelines (RFC 2920), step by step elsewhere.</summary>
sealed class SmtpTransaction(SmtpWire wire, SmtpClientOptions options, SmtpCapabilities capabilities)
{
    const int BlockOctets = 64 * 1024;
    const int CommandOctetsMax = 1024;
    readonly SmtpTimeouts timeouts = options.Timeouts;
    readonly SmtpCommands commands = new(wire, capabilities);
    bool needsReset;

    bool InChunks => options.UsesChunking && capabilities.Chunking;

    /// <summary>The message whose commands are on the wire already, behind the one before it.</summary>
    public SmtpNext? Begun { get; private set; }

    /// <param name="next">Its commands go behind this message where the server allows; then <see cref="Begun"/> is it.</param>
    public async ValueTask<SmtpOutcome> Run(SmtpEnvelope envelope, ReadOnlyMemory<byte> message, SmtpNext? next, CancellationToken ct)
    {
        var dots = DotStuffing.Dots(message.Span);
        var room = ArrayPool<byte>.Shared.Rent(CommandOctetsMax + Math.Min(message.Length + dots + 5, BlockOctets + (BlockOctets / 2) + 5));
        try
        {
            var refusal = capabilities.Pipelining
                ? await Grouped(envelope, message, room, ct).ConfigureAwait(false)
                : await Stepwise(envelope, message, room, ct).ConfigureAwait(false);
            if (refusal is not null)
            {
                needsReset = true;
                return refusal;
            }
            needsReset = false;
            return InChunks ? await Chunk(message, room, ct).ConfigureAwait(false) : await Content(message, capabilities.Pipelining ? next : null, room, ct).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }
    }

    async ValueTask<SmtpOutcome?> Grouped(SmtpEnvelope envelope, ReadOnlyMemory<byte> message, byte[] room, CancellationToken ct)
    {
        var resets = needsReset;
        // A write that fails may still be answered, so the replies decide.
        if (Begun is null) await wire.Write(room.AsMemory(0, commands.Group(resets, envelope, message, !InChunks, room)), timeouts.Mail, ct).ConfigureAwait(false);
        Begun = null;
        if (resets && await Ok(SmtpStage.Mail, timeouts.Command, ct).ConfigureAwait(false) is { } noReset) return noReset;
        var mail = await Ok(SmtpStage.Mail, timeouts.Mail, ct).ConfigureAwait(false);
        if (mail is not null && !wire.IsOpen) return mail;
        var rcpt = await Ok(SmtpStage.Rcpt, timeouts.Rcpt, ct).ConfigureAwait(false);
        if (InChunks || ((mail ?? rcpt) is not null && !wire.IsOpen)) return mail ?? rcpt;
        var data = await wire.Read(timeouts.DataStart, false, null, ct).ConfigureAwait(false);
        if ((mail ?? rcpt) is not { } refusal) return data.Code == 354 ? null : Refused(SmtpStage.Data, data);
        if (data.Code == 354)
        {
            // RFC 2920 3.1: DATA without a recipient was let in, so an empty message has to end it; it goes to nobody.
            wire.Dialogue?.Client(".");
            await wire.Write(".\r\n"u8.ToArray(), timeouts.DataBlock, ct).ConfigureAwait(false);
            await wire.Read(timeouts.EndOfData, false, null, ct).ConfigureAwait(false);
        }
        return refusal;
    }

    async ValueTask<SmtpOutcome?> Stepwise(SmtpEnvelope envelope, ReadOnlyMemory<byte> message, byte[] room, CancellationToken ct)
    {
        if (needsReset && await Step("RSET", SmtpStage.Mail, timeouts.Command, room, ct).ConfigureAwait(false) is { } noReset) return noReset;
        if (await Step(commands.Mail(envelope, message), SmtpStage.Mail, timeouts.Mail, room, ct).ConfigureAwait(false) is { } mail) return mail;
        if (await Step(commands.Rcpt(envelope), SmtpStage.Rcpt, timeouts.Rcpt, room, ct).ConfigureAwait(false) is { } rcpt) return rcpt;
        if (InChunks) return null;
        await wire.Write(room.AsMemory(0, commands.Put("DATA", room, 0)), timeouts.DataStart, ct).ConfigureAwait(false);
        var data = await wire.Read(timeouts.DataStart, false, null, ct).ConfigureAwait(false);
        return data.Code == 354 ? null : Refused(SmtpStage.Data, data);
    }

    async ValueTask<SmtpOutcome?> Step(string command, SmtpStage stage, TimeSpan limit, byte[] room, CancellationToken ct)
    {
        await wire.Write(room.AsMemory(0, commands.Put(command, room, 0)), limit, ct).ConfigureAwait(false);
        return await Ok(stage, limit, ct).ConfigureAwait(false);
    }

    async ValueTask<SmtpOutcome?> Ok(SmtpStage stage, TimeSpan limit, CancellationToken ct)
    {
        var reply = await wire.Read(limit, false, null, ct).ConfigureAwait(false);
        return reply.IsPositive ? null : Refused(stage, reply);
    }

    /// <summary>Blocks of the message, the last together with the final dot: losing an earlier block proves non-delivery.
    /// Behind the dot the commands of the next may follow unasked (RFC 2920 3.1); none of its content is on the wire before its own DATA is answered.</summary>
    async ValueTask<SmtpOutcome> Content(ReadOnlyMemory<byte> message, SmtpNext? next, byte[] room, CancellationToken ct)
    {
        var sent = 0;
        while (message.Length - sent > BlockOctets)
        {
            var block = room.AsMemory(0, Stuffed(message.Span, sent, BlockOctets, room));
            var fault = await wire.Write(block, timeouts.DataBlock, ct).ConfigureAwait(false);
            if (fault != ReplyFault.None) return await Broken(fault, ct).ConfigureAwait(false);
            sent += BlockOctets;
        }
        var last = Stuffed(message.Span, sent, message.Length - sent, room);
        var end = message.Span.EndsWith("\r\n"u8) || message.IsEmpty ? ".\r\n"u8 : "\r\n.\r\n"u8;
        end.CopyTo(room.AsSpan(last));
        wire.Dialogue?.Client(string.Create(CultureInfo.InvariantCulture, $"[{message.Length} octets]"));
        wire.Dialogue?.Client(".");
        var length = last + end.Length;
        if (next is not null) length += commands.Group(false, next.Envelope, next.Message, true, room.AsSpan(length));
        Begun = next;
        return await Final(room.AsMemory(0, length), ct).ConfigureAwait(false);
    }

    /// <summary>The same as one chunk, as it is, without dots (RFC 3030 2).</summary>
    async ValueTask<SmtpOutcome> Chunk(ReadOnlyMemory<byte> message, byte[] room, CancellationToken ct)
    {
        var length = commands.Put(string.Create(CultureInfo.InvariantCulture, $"BDAT {message.Length} LAST"), room, 0);
        var sent = 0;
        while (length + message.Length - sent > room.Length)
        {
            var part = Math.Min(BlockOctets, room.Length - length);
            message.Slice(sent, part).CopyTo(room.AsMemory(length));
            var fault = await wire.Write(room.AsMemory(0, length + part), timeouts.DataBlock, ct).ConfigureAwait(false);
            if (fault != ReplyFault.None) return await Broken(fault, ct).ConfigureAwait(false);
            sent += part;
            length = 0;
        }
        message[sent..].CopyTo(room.AsMemory(length));
        wire.Dialogue?.Client(string.Create(CultureInfo.InvariantCulture, $"[{message.Length} octets]"));
        return await Final(room.AsMemory(0, length + message.Length - sent), ct).ConfigureAwait(false);
    }

    /// <summary>The write after which the server may have the message.</summary>
    async ValueTask<SmtpOutcome> Final(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            // Half a message is on the wire: nothing else may follow it.
            wire.Abandon();
            ct.ThrowIfCancellationRequested();
        }
        try
        {
            await wire.Write(octets, timeouts.DataBlock, ct).ConfigureAwait(false);
            var reply = await wire.Read(timeouts.EndOfData, true, null, ct).ConfigureAwait(false);
            return SmtpOutcome.Of(SmtpStage.EndOfData, reply);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return SmtpOutcome.Lost(SmtpStage.EndOfData, "Cancelled while the server had the message.");
        }
    }

    static int Stuffed(ReadOnlySpan<byte> message, int from, int length, byte[] room) =>
        DotStuffing.Copy(message.Slice(from, length), from == 0 || message[from - 1] == '\n', room);

    /// <summary>A server that gives up on a message half way may have said why before it hung up.</summary>
    async ValueTask<SmtpOutcome> Broken(ReplyFault fault, CancellationToken ct)
    {
        var reply = await wire.Read(timeouts.DataBlock, true, null, ct).ConfigureAwait(false);
        return SmtpOutcome.Of(SmtpStage.Data, reply.Fault == ReplyFault.None && reply.Code >= 400 ? reply : SmtpReply.Failed(fault));
    }

    /// <summary>A positive reply of the wrong kind (250 to DATA) refuses nothing, yet the message cannot go on.</summary>
    static SmtpOutcome Refused(SmtpStage stage, SmtpReply reply)
    {
        var outcome = SmtpOutcome.Of(stage, reply);
        return outcome.Kind == SmtpKind.Accepted ? outcome with { Kind = SmtpKind.ConnectionLostBeforeData } : outcome;
    }
}
