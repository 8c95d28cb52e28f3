using PkgForge.Cli.Commands;
using PkgForge.Registry;
using PkgForge.Web.Api;

namespace PkgForge.Cli.Remote;

/// <summary>Gets a token that somebody allows in a browser, which need not be on this machine.</summary>
internal static class BrowserLogin
{
    private const int MostSeconds = 3600;

    /// <summary>Shows where to allow it, and waits.</summary>
    /// <exception cref="CommandException">It was refused, or nobody came.</exception>
    public static async Task<string> RunAsync(Uri address, CancellationToken cancel)
    {
        using var server = FarmServer.At(address, token: null);
        var login = await server.PostAsync(
            "login/code",
            new(HostOf()),
            RequestJson.Default.HostRequest,
            ApiJson.Default.CodeAnswer,
            cancel
        );
        var page = $"{address.AbsoluteUri.TrimEnd('/')}{login.Page}?code={login.Code}";
        await Console.Error.WriteLineAsync(
            $"Open this page in a browser, on any machine:\n\n  {Output.Printable(page)}\n\n"
                + $"and allow the code {Output.Printable(login.Code)} there. Waiting ..."
        );
        var wait = TimeSpan.FromSeconds(Math.Clamp(login.Interval, 1, MostSeconds));
        var tries = Math.Clamp(login.ExpiresIn, 1, MostSeconds) / wait.TotalSeconds;
        for (var i = 0; i < tries; i++)
        {
            await Task.Delay(wait, TimeProvider.System, cancel);
            if (await AskAsync(server, login.Claim, cancel) is { } token)
                return SavedTokens.Check(token, "the server's answer");
        }
        throw new CommandException(ExitCode.Refused, "nobody has allowed it in time: run 'pkgforge login' again");
    }

    private static async Task<string?> AskAsync(FarmServer server, string claim, CancellationToken cancel)
    {
        try
        {
            var answer = await server.PostAsync(
                "login/code/token",
                new(claim),
                RequestJson.Default.ClaimRequest,
                ApiJson.Default.ClaimAnswer,
                cancel
            );
            return answer.Token;
        }
        catch (FarmUnavailableException)
        {
            // It may be there again when it is asked the next time.
            return null;
        }
    }

    /// <summary>What the page calls this machine.</summary>
    public static string HostOf()
    {
        var name = new string([.. Environment.MachineName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')]);
        return name.Length > 0 ? name : "unnamed";
    }
}
