using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using PkgForge.Cli.Commands;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli;

/// <summary>A command's hold on the farm: configuration, registry, spool and log.</summary>
internal sealed class FarmSession : IAsyncDisposable
{
    /// <summary>
    /// How long a command waits for a registry that does not answer. A daemon goes on after that, and tries again; a
    /// person wants to know.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ILoggerFactory logging;

    private FarmSession(Farm farm, ILoggerFactory logging) => (Farm, this.logging) = (farm, logging);

    public Farm Farm { get; }

    public ILoggerFactory Loggers => logging;

    public IRegistry Registry => Farm.Registry;

    /// <summary>Opens the farm that the configuration names; nothing is reached for yet.</summary>
    /// <param name="words">The words of the command.</param>
    /// <param name="statementTime">How long a statement may take, where a command reads everything.</param>
    public static FarmSession Open(ParseResult words, TimeSpan? statementTime = null)
    {
        var configuration = GlobalOptions.Configuration(words);
        var spool = GlobalOptions.Spool(configuration);
        var loggers = LoggerFactory.Create(builder =>
            builder
                .SetMinimumLevel(words.GetValue(GlobalOptions.Debug) ? LogLevel.Debug : LogLevel.Information)
                .AddFilter("Microsoft", words.GetValue(GlobalOptions.Debug) ? LogLevel.Debug : LogLevel.Warning)
                // It would tell of every request with its whole address, and of a wrong one with its headers: there are secrets in them. The farm's own messages have the path.
                .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
                .AddSimpleConsole(options =>
                {
                    options.SingleLine = true;
                    options.TimestampFormat = "HH:mm:ss ";
                    options.ColorBehavior = LoggerColorBehavior.Disabled;
                })
                .Services.Configure<ConsoleLoggerOptions>(options =>
                    options.LogToStandardErrorThreshold = LogLevel.Trace
                )
        );
        return new(
            new(
                configuration,
                OpenRegistry(configuration, statementTime),
                spool,
                loggers.CreateLogger("pkgforge"),
                TimeProvider.System
            ),
            loggers
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        logging.Dispose();
    }

    private static IRegistry OpenRegistry(FarmConfiguration configuration, TimeSpan? statementTime)
    {
        try
        {
            return Registries.Open(
                new()
                {
                    Connection = configuration.Registry,
                    Lease = configuration.Lease,
                    Timeout = Patience,
                    StatementTime = statementTime,
                }
            );
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }
}
