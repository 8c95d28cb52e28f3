using Microsoft.Extensions.Logging;

namespace PkgForge.Web;

/// <summary>Every message that the server logs.</summary>
internal static partial class WebLogMessages
{
    [LoggerMessage(100, LogLevel.Error, "{Method} {Path}: {Trouble}")]
    public static partial void RequestFailed(this ILogger log, string method, string path, string trouble);

    [LoggerMessage(101, LogLevel.Information, "builder {Builder} has enrolled from host {Host} at {Address}")]
    public static partial void Enrolled(this ILogger log, string builder, string host, string address);

    [LoggerMessage(102, LogLevel.Warning, "a wrong code to enrol with, from host {Host} at {Address}")]
    public static partial void WrongCode(this ILogger log, string host, string address);

    [LoggerMessage(103, LogLevel.Information, "builder {Builder} runs on host {Host}")]
    public static partial void Attached(this ILogger log, string builder, string host);

    [LoggerMessage(104, LogLevel.Warning, "the token of builder {Builder} is no longer valid")]
    public static partial void TokenEnded(this ILogger log, string builder);
}
