using PkgForge.Cli.Commands;
using PkgForge.Native;
using PkgForge.Server.Configuration;

namespace PkgForge.Cli;

/// <summary>
/// The user that the daemons run as: whose the work directory is. Who is this user, or root, may do with roots what builders do.
/// </summary>
internal static class FarmUser
{
    /// <summary>Makes sure that this process may.</summary>
    /// <exception cref="CommandException">It may not.</exception>
    public static void Require(FarmConfiguration configuration)
    {
        var owner =
            FileSystem.Status(configuration.Work)?.Owner
            ?? throw new CommandException(
                ExitCode.Configuration,
                $"there is no work directory {configuration.Work}: nothing was built on this machine, or 'work:' is another"
            );
        if (Accounts.EffectiveUser != 0 && Accounts.EffectiveUser != owner)
            throw new CommandException(
                ExitCode.Refused,
                $"only root and user '{Accounts.FindUser(owner)?.Name ?? $"{owner}"}', as whom the farm runs, open roots: "
                    + "ask your administrator"
            );
    }

    /// <summary>Goes on as the farm's user, if this process may.</summary>
    /// <exception cref="CommandException">It may not.</exception>
    public static void Become(FarmConfiguration configuration)
    {
        Require(configuration);
        DaemonRun.BecomeUser(configuration);
        Require(configuration);
    }
}
