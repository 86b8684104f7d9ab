using Microsoft.Extensions.Logging;

namespace PenguinMails.Oversight;

static partial class Log
{
    [LoggerMessage(6001, LogLevel.Warning, "Chromium did not print a report: {Why}")]
    public static partial void PdfRefused(this ILogger log, string why);

    [LoggerMessage(6002, LogLevel.Warning, "How long the API took could not be written; it is tried again")]
    public static partial void ApiTimesNotWritten(this ILogger log, Exception cause);
}
