using Microsoft.Extensions.Logging;

namespace PkgForge.Server.Reporting;

/// <summary>What reporting writes to the log.</summary>
internal static partial class ReportingLogMessages
{
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "mail '{Subject}' could not be sent, try {Try}: {Reason}; it will be tried again"
    )]
    public static partial void MailFailed(ILogger log, string subject, int @try, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "mail '{Subject}' is given up after try {Try}: {Reason}")]
    public static partial void MailGivenUp(ILogger log, string subject, int @try, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "mail '{Subject}' was sent, but not to all: {Reason}")]
    public static partial void MailSentToSome(ILogger log, string subject, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "mails wait, because the registry cannot be reached: {Reason}")]
    public static partial void OutboxUnreachable(ILogger log, string reason);
}
