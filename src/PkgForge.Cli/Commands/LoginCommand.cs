using System.CommandLine;
using PkgForge.Cli.Remote;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Commands;

/// <summary><c>pkgforge login</c>: gets the token by which this user is known to a server, and keeps it.</summary>
internal static class LoginCommand
{
    private const int LongestToken = 200;

    private static readonly Argument<string> Address = new("url")
    {
        Description = "The server's address, e.g. https://forge.example.org",
    };

    private static readonly Option<bool> ByToken = new("--token")
    {
        Description = "Read a token that somebody has made for you, from the terminal or from standard input",
    };

    private static readonly Option<bool> ByBrowser = new("--browser")
    {
        Description =
            "Let yourself in with a browser; so it is if not said otherwise, unless something else than a terminal is standard input",
    };

    private static readonly Option<bool> ByKerberos = new("--kerberos")
    {
        Description = "Show the server your ticket (see kinit)",
    };

    public static Command Create()
    {
        var command = new Command(
            "login",
            "Get the token by which a server knows you, and keep it in ~/.config/pkgforge/tokens. You let this command in with a browser, on any machine.\n\n"
                + "Examples:\n  pkgforge login https://forge.example.org\n  pkgforge login --kerberos https://forge.example.org\n"
                + "  pass pkgforge | pkgforge login --token https://forge.example.org"
        )
        {
            Address,
            ByBrowser,
            ByKerberos,
            ByToken,
        };
        command.SetAction(LoginAsync);
        return command;
    }

    private static async Task<int> LoginAsync(ParseResult words, CancellationToken cancel)
    {
        var address =
            GlobalOptions.ServerAddress(words.GetValue(Address)!)
            ?? throw new CommandException(
                ExitCode.Usage,
                $"'{words.GetValue(Address)}' is no server's address: expected https://HOST or https://HOST:PORT"
            );
        bool[] ways = [words.GetValue(ByToken), words.GetValue(ByBrowser), words.GetValue(ByKerberos)];
        if (ways.Count(said => said) > 1)
            throw new CommandException(ExitCode.Usage, "--token, --browser and --kerberos: expected one of them");
        FarmServer.RequireSafe(address);
        var token =
            words.GetValue(ByKerberos) ? await KerberosLogin.RunAsync(address, cancel)
            : words.GetValue(ByToken) || !words.GetValue(ByBrowser) && Console.IsInputRedirected
                ? SavedTokens.Check(await ReadAsync(cancel), "what was typed")
            : await BrowserLogin.RunAsync(address, cancel);
        return await KeepAsync(address, token, cancel);
    }

    private static async Task<int> KeepAsync(Uri address, string token, CancellationToken cancel)
    {
        using var server = FarmServer.At(address, token);
        var me = await server.GetAsync("me", ApiJson.Default.MeAnswer, cancel);
        if (me.Account is not { } account)
            throw new CommandException(
                ExitCode.Refused,
                $"{address} does not know this token: it was revoked, has expired, or is another farm's"
            );
        var path = SavedTokens.Save(address, token);
        Output.Line(
            $"{account}, {me.Role}{(me.ReadOnly ? ", may look only" : "")}; the token is in {path}\n"
                + $"Use the server by --target {address.AbsoluteUri.TrimEnd('/')}, or by 'target: {address.AbsoluteUri.TrimEnd('/')}' in ~/.config/pkgforge/pkgforge.yml"
        );
        return ExitCode.Done;
    }

    private static async Task<string> ReadAsync(CancellationToken cancel)
    {
        if (Console.IsInputRedirected)
        {
            var text = new char[LongestToken];
            var length = await Console.In.ReadBlockAsync(text.AsMemory(), cancel);
            return new string(text, 0, length).Trim();
        }
        await Console.Error.WriteAsync("Token: ");
        var token = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key && token.Length < LongestToken)
            token.Append(key.KeyChar);
        await Console.Error.WriteLineAsync();
        return token.ToString().Trim();
    }
}
