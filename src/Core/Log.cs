using Microsoft.Extensions.Logging;

namespace PenguinMails.Core;

static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "The database did not answer; trying again")]
    public static partial void DatabaseLost(this ILogger log, Exception cause);

    [LoggerMessage(1002, LogLevel.Error, "Job {JobId} of kind {Kind} failed at attempt {Attempt}")]
    public static partial void JobFailed(this ILogger log, Exception cause, Guid jobId, string kind, int attempt);
}
