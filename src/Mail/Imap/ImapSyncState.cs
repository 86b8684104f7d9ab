using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Mail.Imap;

/// <summary>How far a folder was handed over. The owner stores it together with each message, and gives it back as it was.</summary>
/// <param name="UidValidity">0 before the first run.</param>
/// <param name="LastUid">Everything at or below was handed over, left out by the policy, or is gone. A server may not give a new message a lower identifier
/// than any before (RFC 9051 2.3.1.1), so nothing new can appear there while <paramref name="UidValidity"/> stays.</param>
/// <param name="HighestModSeq">As the last complete run saw it, for <see cref="ImapKnown"/>; null without CONDSTORE. Decides nothing here.</param>
/// <param name="StockEnd">Identifiers below belong to the stock: what was there at the first run, or when identifiers were given anew. 0 while that is not known.</param>
/// <param name="Since">Stock received before is left out; null for none.</param>
/// <param name="LeavesStock">True until a first run from now on has passed over the stock.</param>
/// <param name="IsRecovering">True while stock must be recognised by its fingerprint, because the server gave all identifiers anew.</param>
public sealed record ImapSyncState(
    string Folder, uint UidValidity, uint LastUid, ulong? HighestModSeq, uint StockEnd, DateTimeOffset? Since, bool LeavesStock, bool IsRecovering)
{
    /// <summary>How much earlier than "now" a message may claim to be and still count as later, should identifiers be given anew: servers' clocks differ.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    /// <summary>First policy: all that is in the folder, and all that comes.</summary>
    public static ImapSyncState Everything(string folder) => new(folder, 0, 0, null, 0, null, false, false);

    /// <summary>First policy: what the server received at this instant or later.</summary>
    public static ImapSyncState From(string folder, DateTimeOffset since) => new(folder, 0, 0, null, 0, since, false, false);

    /// <summary>First policy: what comes after the first run.</summary>
    public static ImapSyncState FromNow(string folder, DateTimeOffset now) => new(folder, 0, 0, null, 0, now - Slack, true, false);
}

/// <summary>What a message is known by when its identifier no longer counts. Two messages that share all three count as one.</summary>
/// <param name="MessageId">With its brackets; null when the message has none.</param>
/// <param name="Size">Octets, as the server counts.</param>
/// <param name="InternalDate">Null when the server gave none that can be read.</param>
public sealed record ImapFingerprint(string? MessageId, long Size, DateTimeOffset? InternalDate)
{
    /// <summary>SHA-256 over the three, 64 hexadecimal digits: what an owner stores with the message.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{MessageId}\n{Size}\n{InternalDate?.ToUnixTimeSeconds()}"))));

    /// <param name="message">Fetched with size, date and, as its first section, the field Message-ID.</param>
    public static ImapFingerprint Of(ImapFetched message) =>
        new(message.Contents is [var field, ..] ? ImapSyncPlan.MessageId(field.Octets.Span) : null, message.Size ?? 0, message.InternalDate);
}

/// <summary>A new message.</summary>
/// <param name="IsCut">Larger than allowed, and these are its first octets; or the server lists it but does not hand it out, and there are none.</param>
public sealed record ImapMessage(
    uint Uid, IReadOnlyList<string> Flags, DateTimeOffset? InternalDate, long Size, ImapFingerprint Fingerprint, ReadOnlyMemory<byte> Octets, bool IsCut);

/// <summary>Takes a message over. The owner stores it and <paramref name="next"/> in one step: then a crash neither loses nor doubles it.</summary>
/// <returns>False leaves this message for the next run and ends this one.</returns>
public delegate ValueTask<bool> ImapDeliver(ImapMessage message, ImapSyncState next, CancellationToken ct);

/// <summary>Asked only while recovering: was a message with this fingerprint handed over before?</summary>
public delegate ValueTask<bool> ImapAlreadyHas(ImapFingerprint fingerprint, CancellationToken ct);

/// <summary>Limits of one run.</summary>
public sealed record ImapSyncOptions
{
    /// <summary>Messages described by one FETCH. Default 200, 1 to 500.</summary>
    public int BatchMessages { get; init; } = 200;

    /// <summary>Messages fetched by one command have at most this many octets together, or are one. Default 4 MB; about twice that is in memory.</summary>
    public long GroupOctetsMax { get; init; } = 4 << 20;

    /// <summary>Of a larger message only the first 64 KB are handed over. Default 32 MB; <see cref="ImapOptions.SectionOctetsMax"/> bounds it too.</summary>
    public long MessageOctetsMax { get; init; } = 32 << 20;

    /// <summary>A run ends behind this many messages looked at; the next goes on. Default 100,000.</summary>
    public int RunMessagesMax { get; init; } = 100_000;
}

/// <summary>How a run ended.</summary>
/// <param name="State">To store, also after a run without messages; what was delivered is behind it whatever the outcome.</param>
/// <param name="Outcome">Anything but <see cref="ImapKind.Works"/>: open a new connection and run again with <paramref name="State"/>.</param>
/// <param name="IsMore">There are messages left: the run reached its limit or the owner ended it.</param>
public sealed record ImapSyncResult(ImapSyncState State, ImapOutcome Outcome, int Delivered, bool IsMore);
