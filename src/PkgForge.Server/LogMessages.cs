using Microsoft.Extensions.Logging;

namespace PkgForge.Server;

/// <summary>Every message that the handlers log.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "{Handler} is running")]
    public static partial void Started(this ILogger log, string handler);

    [LoggerMessage(2, LogLevel.Information, "{Handler} has stopped")]
    public static partial void Stopped(this ILogger log, string handler);

    [LoggerMessage(3, LogLevel.Error, "{Handler}: {Trouble}; trying again in {Seconds} s")]
    public static partial void TroubleGoingOn(this ILogger log, string handler, string trouble, double seconds);

    [LoggerMessage(10, LogLevel.Information, "job {Job} of {Submitter} accepted for {Platforms}")]
    public static partial void Accepted(this ILogger log, string job, string submitter, string platforms);

    [LoggerMessage(11, LogLevel.Warning, "job {Job} of {Submitter} rejected: {Reason}")]
    public static partial void Rejected(this ILogger log, string job, string submitter, string reason);

    [LoggerMessage(12, LogLevel.Information, "job {Job}: waiting, {Reason}")]
    public static partial void Incomplete(this ILogger log, string job, string reason);

    [LoggerMessage(13, LogLevel.Error, "job {Job} stays in incoming: {Trouble}")]
    public static partial void LeftInIncoming(this ILogger log, string job, string trouble);

    [LoggerMessage(14, LogLevel.Warning, "job {Job}: {Warning}")]
    public static partial void SelectionWarning(this ILogger log, string job, string warning);

    [LoggerMessage(15, LogLevel.Information, "another incoming is at work in {Spool}: they take turns")]
    public static partial void IncomingBusy(this ILogger log, string spool);

    [LoggerMessage(20, LogLevel.Information, "building {Job} on {Platform}, attempt {Attempt}")]
    public static partial void Building(this ILogger log, string job, string platform, int attempt);

    [LoggerMessage(21, LogLevel.Information, "{Job} on {Platform}: {State}{Details}")]
    public static partial void Ended(this ILogger log, string job, string platform, string state, string details);

    [LoggerMessage(22, LogLevel.Warning, "{Job} on {Platform}: put back: {Reason}")]
    public static partial void PutBack(this ILogger log, string job, string platform, string reason);

    [LoggerMessage(23, LogLevel.Warning, "{Job} on {Platform}: the lease is lost, the work is thrown away")]
    public static partial void LeaseLost(this ILogger log, string job, string platform);

    [LoggerMessage(24, LogLevel.Warning, "{Job} on {Platform}: no heartbeat: {Trouble}")]
    public static partial void NoHeartbeat(this ILogger log, string job, string platform, string trouble);

    [LoggerMessage(26, LogLevel.Information, "{Handler}: {Means}")]
    public static partial void Means(this ILogger log, string handler, string means);

    [LoggerMessage(25, LogLevel.Warning, "{Job} on {Platform}: refused, for another builder: {Reason}")]
    public static partial void Refused(this ILogger log, string job, string platform, string reason);

    [LoggerMessage(27, LogLevel.Error, "a log stays plain, and is tried again later: {Trouble}")]
    public static partial void LogNotStored(this ILogger log, string trouble);
}
