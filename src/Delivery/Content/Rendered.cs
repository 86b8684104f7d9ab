using System.Buffers;
using System.Collections.Concurrent;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Delivery.Content;

/// <summary>A message ready for the wire.</summary>
/// <param name="Bytes">Good until <see cref="Sent"/>.</param>
/// <param name="Room">Where they lie.</param>
sealed record Rendered(SmtpEnvelope Envelope, ReadOnlyMemory<byte> Bytes, MessageRoom Room)
{
    /// <summary>Its octets are not needed again. A message that is never told so is collected like anything else.</summary>
    public void Sent() => Room.Free();
}

/// <summary>Room for the octets of one message, from its making until it is sent.</summary>
/// <remarks>Some milliseconds lie between the two: with an array for each message, every collection of garbage would move all that wait.</remarks>
/// <param name="free">Those of the lane that nobody uses.</param>
sealed class MessageRoom(ConcurrentQueue<MessageRoom> free)
{
    const int Usual = 8 * 1024;
    const int KeptMax = 64 * 1024;

    public ArrayBufferWriter<byte> Octets { get; } = new(Usual);

    /// <summary>An empty one.</summary>
    public static MessageRoom Of(ConcurrentQueue<MessageRoom> free) => free.TryDequeue(out var room) ? room : new(free);

    /// <summary>For the next message, unless this one was large.</summary>
    public void Free()
    {
        if (Octets.Capacity > KeptMax) return;
        Octets.ResetWrittenCount();
        free.Enqueue(this);
    }
}
