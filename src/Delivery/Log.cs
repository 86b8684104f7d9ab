using Microsoft.Extensions.Logging;

namespace PenguinMails.Delivery;

static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning, "The database did not answer; the dispatcher tries again")]
    public static partial void DatabaseLost(this ILogger log, Exception cause);

    [LoggerMessage(3002, LogLevel.Error, "Serving mailbox {MailboxId} failed")]
    public static partial void LaneFailed(this ILogger log, Exception cause, Guid mailboxId);

    [LoggerMessage(3003, LogLevel.Warning, "Mailbox {MailboxId} cannot send: {Trouble}, {Failures} times in a row")]
    public static partial void LaneInTrouble(this ILogger log, Guid mailboxId, string trouble, int failures);

    [LoggerMessage(3004, LogLevel.Warning, "The lease of mailbox {MailboxId} was not renewed")]
    public static partial void LeaseNotRenewed(this ILogger log, Exception cause, Guid mailboxId);

    [LoggerMessage(3005, LogLevel.Error, "A session of the edge ended with a fault")]
    public static partial void EdgeFaulted(this ILogger log, Exception cause);

    [LoggerMessage(3006, LogLevel.Warning, "The database did not answer; the collector tries again")]
    public static partial void CollectorDatabaseLost(this ILogger log, Exception cause);

    [LoggerMessage(3007, LogLevel.Error, "Looking into mailbox {MailboxId} failed")]
    public static partial void CollectionFailed(this ILogger log, Exception cause, Guid mailboxId);

    [LoggerMessage(3008, LogLevel.Warning, "Mailbox {MailboxId} cannot be looked into: {Trouble}, {Failures} times in a row")]
    public static partial void CollectionInTrouble(this ILogger log, Guid mailboxId, string trouble, int failures);

    [LoggerMessage(3009, LogLevel.Information, "Message {MessageId} is out of doubt: {Verdict}")]
    public static partial void DoubtSettled(this ILogger log, Guid messageId, string verdict);

    [LoggerMessage(3010, LogLevel.Error, "Sending is stopped for want of room. {Verdict}")]
    public static partial void DiskFull(this ILogger log, string verdict);

    [LoggerMessage(3011, LogLevel.Warning, "Make room soon. {Verdict}")]
    public static partial void DiskLow(this ILogger log, string verdict);

    [LoggerMessage(3012, LogLevel.Information, "There is room again. {Verdict}")]
    public static partial void DiskEnough(this ILogger log, string verdict);

    [LoggerMessage(3013, LogLevel.Information, "The edge has a certificate until {Until:u}")]
    public static partial void EdgeCertificateRead(this ILogger log, DateTime until);

    [LoggerMessage(3014, LogLevel.Warning, "The edge cannot read {Path} with its key; it goes on with what it has")]
    public static partial void EdgeCertificateUnfit(this ILogger log, Exception cause, string path);
}
