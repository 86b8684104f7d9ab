using Microsoft.Extensions.Logging;
using PenguinMails.Mail.Smtp;

namespace PenguinMails.Accounts;

static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "System mail {MailId} was not taken: {Stage}, {Kind}, {Code}")]
    public static partial void SystemMailRefused(this ILogger log, Guid mailId, SmtpStage stage, SmtpKind kind, int code);
}
