using System.CommandLine;
using PkgForge.Registry.Administration;
using PkgForge.Registry.Builders;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Server.Handlers;
using PkgForge.Server.Remote;

namespace PkgForge.Cli.Commands;

/// <summary>What <c>buildd</c> is told about a server that it builds for.</summary>
/// <param name="Address">The server.</param>
/// <param name="Name">The builder's name; null if enrolling tells.</param>
/// <param name="Code">The code to enrol with; null if that is done.</param>
/// <param name="TokenPath">The file of the token; null for the usual place.</param>
internal sealed record RemoteBuilder(Uri Address, string? Name, string? Code, string? TokenPath)
{
    public static Option<string?> Server { get; } =
        new("--server") { Description = "Build for the farm of this server, not of this machine", HelpName = "URL" };

    public static Option<string?> Enrol { get; } =
        new("--enrol")
        {
            Description =
                "Make this machine known to the server first, by the code that 'pkgforge builder enrol' printed there",
            HelpName = "CODE",
        };

    public static Option<string?> TokenFile { get; } =
        new("--token-file")
        {
            Description = "The builder's token, if it is not WORK/builders/NAME.token",
            HelpName = "FILE",
        };

    public static Option<bool> Insecure { get; } =
        new("--insecure")
        {
            Description =
                "Send the token to a server of another machine without TLS, where everybody on the way can read it",
        };

    /// <summary>What the words say; null if they name no server.</summary>
    /// <exception cref="CommandException">They do not fit together.</exception>
    public static RemoteBuilder? Read(ParseResult words, string? name)
    {
        var (code, file) = (words.GetValue(Enrol), words.GetValue(TokenFile));
        if (words.GetValue(Server) is not { } text)
            return code is null && file is null
                ? null
                : throw new CommandException(ExitCode.Usage, "--enrol and --token-file need --server");
        if (code is not null && file is not null)
            throw new CommandException(
                ExitCode.Usage,
                "--enrol makes a token in its usual place: leave --token-file out"
            );
        if (code is null && name is null)
            throw new CommandException(ExitCode.Usage, "which builder? --name is missing, or --enrol to become one");
        return new(Check(text, words.GetValue(Insecure)), name, code, file);
    }

    /// <summary>The farm of the server, and the builder's name. Enrols if it was asked to.</summary>
    public async Task<(IBuilderFarm Farm, string Name)> ConnectAsync(Farm farm, CancellationToken cancel)
    {
        var tokens = new TokenFiles(farm.Configuration.Work);
        var name = Code is null
            ? Name!
            : await new Enrolment(Address, tokens, farm.Time).EnrolAsync(
                Code,
                name => AdminRules.Builder(name) is null,
                cancel
            );
        if (Name is not null && Name != name)
            throw new CommandException(
                ExitCode.Refused,
                $"the code was for builder {name}, not {Name}; start it with --name {name}"
            );
        var token = TokenFiles.Read(TokenPath ?? tokens.PathOf(name));
        return (new RemoteFarm(new(Address, token, farm.Configuration.Work, farm.Log, farm.Time)), name);
    }

    private static Uri Check(string text, bool insecure)
    {
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
            || url.Query.Length > 0
            || url.UserInfo.Length > 0
        )
            throw new CommandException(
                ExitCode.Usage,
                $"'{text}' is not a server's address: expected https://HOST:PORT"
            );
        return ServerAddress.IsSafe(url) || insecure
            ? url
            : throw new CommandException(
                ExitCode.Usage,
                $"'{text}' has no TLS, so that the token could be read on the way: use https://, or say --insecure"
            );
    }
}
