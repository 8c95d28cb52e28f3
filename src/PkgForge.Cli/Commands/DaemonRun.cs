using System.CommandLine;
using PkgForge.Native;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;

namespace PkgForge.Cli.Commands;

/// <summary>What the commands of all daemons share: who they run as, once or for good, and a clean stop.</summary>
internal static class DaemonRun
{
    public static Option<bool> Daemon { get; } = new("--daemon") { Description = "Go on until told to stop (SIGTERM)" };

    public static Task<int> RunAsync(ParseResult words, Func<Farm, IHandler> create, CancellationToken cancel) =>
        RunAsync(
            words,
            async (farm, run) =>
            {
                await using var handler = create(farm);
                await run(handler);
            },
            cancel
        );

    /// <summary>The same, for a handler that needs more than the farm: <paramref name="compose"/> makes it, runs it and takes it away.</summary>
    public static async Task<int> RunAsync(
        ParseResult words,
        Func<Farm, Func<IHandler, Task>, Task> compose,
        CancellationToken cancel
    )
    {
        BecomeUser(GlobalOptions.Configuration(words));
        await using var session = FarmSession.Open(words);
        var farm = session.Farm;
        await compose(
            farm,
            handler =>
                words.GetValue(Daemon)
                    ? HandlerLoop.RunDaemonAsync(handler, farm.Log, farm.Time, cancel)
                    : HandlerLoop.RunOnceAsync(handler, cancel)
        );
        return ExitCode.Done;
    }

    /// <summary>
    /// A daemon needs no root, and is none: started as root, it becomes the configured user for good. What it makes others can read (roots have users of
    /// their own), whatever the umask of whoever has started it; what is secret has its mode from the start.
    /// </summary>
    public static void BecomeUser(FarmConfiguration configuration)
    {
        ProcessEnvironment.SetUmask(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        if (Accounts.EffectiveUser != 0)
            return;
        var user =
            Accounts.FindUser(configuration.User)
            ?? throw new ConfigurationException(
                $"started as root, and there is no user '{configuration.User}' to become: make it, or name another one by 'user:'"
            );
        if (user.Uid == 0)
            throw new ConfigurationException("'user:' is root; a daemon runs as an ordinary user");
        Console.Error.WriteLine($"pkgforge: started as root; going on as {user.Name}");
        Privileges.DropTo(user);
    }
}
