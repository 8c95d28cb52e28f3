using System.CommandLine;
using System.Net;
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
        };
        command.SetAction(
            async (words, cancel) =>
            {
                await using var session = FarmSession.Open(words);
                var name = words.GetValue(Name)!;
                if (await session.Registry.RevokeTokensAsync(name, cancel) is not { } ended)
                    throw new CommandException(ExitCode.Failed, $"there is no builder {name}");
                Output.Line(ended == 0 ? $"{name}: had no token" : $"{name}: revoked");
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task<int> EnrolAsync(ParseResult words, CancellationToken cancel)
    {
        await using var session = FarmSession.Open(words);
        var name = BuilderName.Check(words.GetValue(Name)!);
        var server = AddressOf(session.Farm.Configuration.Serve);
        if (PlatformOf(words) is { } key)
            await session.Registry.AddBuilderAsync(name, key, cancel);
        var code = BuilderToken.NewCode();
        if (!await session.Registry.AddEnrolmentAsync(name, BuilderToken.Sha256Of(code), TimeOf(words), cancel))
            throw new CommandException(
                ExitCode.Failed,
                $"there is no builder {name}; to add one, name its platform, too: pkgforge builder enrol {name} PLATFORM ARCH"
            );
        var insecure = RemoteBuilder.IsSafe(server) ? "" : " --insecure";
        // Nothing but the line: it can be piped to the other machine.
        Output.Line($"pkgforge buildd --server {server.AbsoluteUri.TrimEnd('/')} --enrol {code}{insecure} --daemon");
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
    private static Uri AddressOf(ServeOptions serve)
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
        if (RemoteBuilder.IsLocal(address))
            Console.Error.WriteLine(
                $"pkgforge: the server listens at {listen}, which other machines cannot reach: if they reach it by another address, e.g. that of a proxy, "
                    + "name it by 'url:' in section 'serve:' of the configuration"
            );
        return address.Host is "0.0.0.0" or "[::]"
            ? new($"{address.Scheme}://{Dns.GetHostName()}:{address.Port}")
            : address;
    }

    private static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
            ? address
            : throw new CommandException(
                ExitCode.Configuration,
                $"'{text}' in section 'serve:' of the configuration is no address: expected https://ADDRESS:PORT"
            );
}
