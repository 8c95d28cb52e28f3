using System.CommandLine;
using System.Net;
using PkgForge.Cli.Administration;
using PkgForge.Platforms;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Server.Configuration;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge builder enrol</c> and <c>revoke</c>: which other machines may build.</summary>
internal static class BuilderEnrolment
{
    private static readonly TimeSpan UsualTime = TimeSpan.FromHours(1);

    private static readonly Argument<string> Name = new("name") { Description = "The builder's name, e.g. b2" };

    private static readonly Argument<string?> Platform = new("platform")
    {
        Description = "For a new builder: its platform, e.g. bookworm",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> Architecture = new("arch")
    {
        Description = "For a new builder: e.g. amd64",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Valid = new("--valid")
    {
        Description = "How long the code may be used, e.g. 15m; 1h if not given",
        HelpName = "TIME",
    };

    public static Command Enrol()
    {
        var command = new Command(
            "enrol",
            "Print the one line that makes another machine this builder. It can be used once; what the builder used before ends with it.\n\n"
                + "Example:\n  pkgforge builder enrol b2 bookworm amd64"
        )
        {
            Name,
            Platform,
            Architecture,
            Valid,
            GlobalOptions.Target,
        };
        command.SetAction(EnrolAsync);
        return command;
    }

    public static Command Revoke()
    {
        var command = new Command(
            "revoke",
            "End the token of a builder: its machine is refused from now on, in the middle of a build too."
        )
        {
            Name,
            GlobalOptions.Target,
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var farm = Administrations.Open(words);
                var name = words.GetValue(Name)!;
                var ended = await farm.RevokeBuilderAsync(name, cancel);
                Output.Line(ended == 0 ? $"{name}: had no token" : $"{name}: revoked");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<int> EnrolAsync(ParseResult words, CancellationToken cancel)
    {
        await using var farm = Administrations.Open(words);
        var name = BuilderName.Check(words.GetValue(Name)!);
        // Nothing but the line: it can be piped to the other machine.
        Output.Line(await farm.EnrolBuilderAsync(name, PlatformOf(words), TimeOf(words), cancel));
        return ExitCode.Done;
    }

    private static PlatformKey? PlatformOf(ParseResult words) =>
        (words.GetValue(Platform), words.GetValue(Architecture)) switch
        {
            (null, null) => null,
            ({ } platform, { } architecture) => new(platform, architecture),
            _ => throw new CommandException(
                ExitCode.Usage,
                "a platform has a name and an architecture, e.g. bookworm amd64"
            ),
        };

    private static TimeSpan TimeOf(ParseResult words) =>
        words.GetValue(Valid) is not { } text ? UsualTime
        : Quantities.Time(text) is { } time ? time
        : throw new CommandException(ExitCode.Usage, $"--valid {text}: expected a time, e.g. 30s, 15m or 4h");

    /// <summary>What the configuration says; or else the first address that the server listens at, with this machine's name.</summary>
    public static Uri AddressOf(ServeOptions serve)
    {
        if (serve.Url is { } url)
            return Parse(url);
        var listen =
            serve.Listen.FirstOrDefault(address => address.StartsWith("http", StringComparison.Ordinal))
            ?? throw new CommandException(
                ExitCode.Configuration,
                "the server listens at no address that another machine could reach: name one by 'url:' in section 'serve:' of the configuration, or "
                    + "let it listen at https://ADDRESS:PORT"
            );
        var address = Parse(listen.Replace("//*", "//0.0.0.0", StringComparison.Ordinal));
        if (ServerAddress.IsLocal(address))
            Console.Error.WriteLine(
                $"pkgforge: the server listens at {listen}, which other machines cannot reach: if they reach it by another address, e.g. that of a proxy, "
                    + "name it by 'url:' in section 'serve:' of the configuration"
            );
        return address.Host is "0.0.0.0" or "[::]"
            ? new($"{address.Scheme}://{Dns.GetHostName()}:{address.Port}")
            : address;
    }

    /// <summary>An address of the configuration.</summary>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
            ? address
            : throw new CommandException(
                ExitCode.Configuration,
                $"'{text}' in section 'serve:' of the configuration is no address: expected https://ADDRESS:PORT"
            );
}
