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

    [LoggerMessage(110, LogLevel.Warning, "a log-in from {Address} was refused: {Why}")]
    public static partial void LoginRefused(this ILogger log, string address, string why);

    [LoggerMessage(111, LogLevel.Error, "the provider of identities {Issuer}: {Trouble}")]
    public static partial void ProviderFailed(this ILogger log, string issuer, string trouble);

    [LoggerMessage(112, LogLevel.Debug, "{Method} {Path}: {Status}")]
    public static partial void Answered(this ILogger log, string method, string path, int status);

    [LoggerMessage(104, LogLevel.Warning, "the token of builder {Builder} is no longer valid")]
    public static partial void TokenEnded(this ILogger log, string builder);
}
