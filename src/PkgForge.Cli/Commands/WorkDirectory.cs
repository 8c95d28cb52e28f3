using PkgForge.Native;
using PkgForge.Server.Configuration;

namespace PkgForge.Cli.Commands;

/// <summary>
/// The work directory of a machine that only builds: there was no <c>initserver</c> on it. Started as root, a builder makes
/// it for the farm's user before it becomes that user.
/// </summary>
internal static class WorkDirectory
{
    private const UnixFileMode PublicMode = (UnixFileMode)0b111_101_101;

    public static void Provide(FarmConfiguration configuration)
    {
        if (Accounts.EffectiveUser != 0 || Directory.Exists(configuration.Work))
            return;
        if (Accounts.FindUser(configuration.User) is not { } user)
            return;
        Directory.CreateDirectory(configuration.Work);
        File.SetUnixFileMode(configuration.Work, PublicMode);
        FileSystem.ChangeOwner(configuration.Work, user.Uid, user.Gid);
    }
}
