using Microsoft.Extensions.Logging;

namespace PkgForge.Server.Remote;

/// <summary>Every message that a builder logs about its server.</summary>
internal static partial class RemoteLogMessages
{
    [LoggerMessage(60, LogLevel.Warning, "{What}: {Trouble}; trying again in {Seconds} s")]
    public static partial void TryingAgain(this ILogger log, string what, string trouble, double seconds);

    [LoggerMessage(62, LogLevel.Warning, "the log is not passed on any more: {Trouble}")]
    public static partial void LogNotPassedOn(this ILogger log, string trouble);

    [LoggerMessage(63, LogLevel.Information, "bucket {Bucket} has moved on, and is listed again: {Trouble}")]
    public static partial void ListedAgain(this ILogger log, string bucket, string trouble);

    [LoggerMessage(61, LogLevel.Information, "bucket {Bucket}: fetched {Files} files, {Bytes} bytes")]
    public static partial void Mirrored(this ILogger log, string bucket, int files, long bytes);
}
