using System.CommandLine;
using PkgForge.Native;
using PkgForge.Server.Configuration;
using PkgForge.Spool;

namespace PkgForge.Cli.Commands;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static Option<string?> Config { get; } =
        new("--config", "-c")
        {
            Description =
                "Read this configuration only, not /etc/pkgforge/pkgforge.yml and ~/.config/pkgforge/pkgforge.yml",
            HelpName = "FILE",
            Recursive = true,
        };

    public static Option<bool> Json { get; } =
        new("--json") { Description = "Print data as JSON, for scripts", Recursive = true };

    public static Option<bool> Debug { get; } =
        new("--debug")
        {
            Description = "Log in detail, and show where in the program an error came from",
            Recursive = true,
        };

    public static Option<string?> Target { get; } =
        new("--target")
        {
            Description =
                "The farm's server (see 'pkgforge login'), or its spool directory on this machine, instead of the configured one",
            HelpName = "URL|DIRECTORY",
        };

    /// <summary>The same for commands that work on the farm's own machine only.</summary>
    public static Option<string?> TargetDirectory { get; } =
        new("--target")
        {
            Description = "The farm's spool directory, instead of the configured one",
            HelpName = "DIRECTORY",
        };

    private static readonly Option<string?>[] Targets = [Target, TargetDirectory];

    /// <summary>The configuration of a command.</summary>
    public static FarmConfiguration Configuration(ParseResult words)
    {
        var configuration = ConfigurationFiles.Load(words.GetValue(Config));
        if (
            Array.Find(Targets, option => words.GetResult(option) is not null) is not { } given
            || words.GetValue(given) is not { } target
        )
            return configuration;
        return ServerAddress(target) is { } server
            ? configuration with
            {
                Server = server,
            }
            : configuration with
            {
                Spool = Path.GetFullPath(target),
                Server = null,
            };
    }

    /// <summary>A server's address; null for anything else.</summary>
    public static Uri? ServerAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("https" or "http")
            ? address
            : null;

    /// <summary>The spool of the farm of this machine.</summary>
    /// <exception cref="CommandException">The farm is another machine's, and the command is none that asks a server.</exception>
    public static SpoolDirectories Spool(FarmConfiguration configuration)
    {
        if (configuration.Server is { } server)
            throw new CommandException(
                ExitCode.Usage,
                $"this command works on the farm's own machine only, not against {server}: give the spool directory by --target, or leave 'target:' out of the configuration"
            );
        // As the farm's own user the server submits for those who have proved who they are.
        var trusted = Accounts.FindUser(configuration.User) is { } user ? new HashSet<uint> { user.Uid } : null;
        return SpoolDirectories.Under(configuration.Spool, trusted);
    }
}
