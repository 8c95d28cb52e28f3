using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Reproducing;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Web.Hosting;

namespace PkgForge.Cli;

/// <summary>A command cannot do what it was asked; the message says what was wrong and what to do.</summary>
internal class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>A server has not what it was asked for.</summary>
internal sealed class NotThereException(string message) : CommandException(Cli.ExitCode.Failed, message);

/// <summary>Turns what stops a command into a message for a person and an exit code.</summary>
internal static class Failures
{
    public static async Task<int> GuardAsync(Func<Task<int>> run, bool debug)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("pkgforge: stopped");
            return ExitCode.Failed;
        }
        catch (Exception e) when (CodeOf(e) is { } code)
        {
            await Console.Error.WriteLineAsync($"pkgforge: {(debug ? e.ToString() : e.Message)}");
            return code;
        }
    }

    // What is not in this list is a fault of the program, and ends it with its stack.
    private static int? CodeOf(Exception e) =>
        e switch
        {
            CommandException command => command.ExitCode,
            LayerGoneException => ExitCode.Failed,
            ConfigurationException or RegistrySchemaException or WebOptionsException => ExitCode.Configuration,
            FarmUnavailableException => ExitCode.Unreachable,
            UnknownPlatformException or UnknownJobException => ExitCode.Usage,
            BuilderRefusedException or UnauthorizedAccessException => ExitCode.Refused,
            FarmFaultException or IOException => ExitCode.Unreachable,
            _ => null,
        };
}
