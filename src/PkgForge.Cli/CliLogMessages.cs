using Microsoft.Extensions.Logging;

namespace PkgForge.Cli;

/// <summary>Messages of commands that run as daemons.</summary>
internal static partial class CliLogMessages
{
    [LoggerMessage(200, LogLevel.Information, "serving at {Addresses}")]
    public static partial void Serving(this ILogger log, string addresses);

    [LoggerMessage(201, LogLevel.Error, "{Part} does not run: {Trouble}; trying again in {Seconds} s")]
    public static partial void PartEnded(this ILogger log, string part, string trouble, double seconds);
}
