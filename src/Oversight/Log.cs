using Microsoft.Extensions.Logging;

namespace PenguinMails.Oversight;

static partial class Log
{
    [LoggerMessage(6001, LogLevel.Warning, "Chromium did not print a report: {Why}")]
    public static partial void PdfRefused(this ILogger log, string why);
}
