using PkgForge.Native;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>Files that belong to subordinate ids, as those of roots do: for them this user is nobody.</summary>
public static class ForeignFiles
{
    /// <summary>
    /// Removes a directory, or a file: first as the root of the subordinate ids, then what is left as this user. Another builder may be removing the
    /// same one.
    /// </summary>
    public static async Task RemoveAsync(string path, CancellationToken cancel)
    {
        if (File.Exists(path))
            File.Delete(path);
        while (Directory.Exists(path))
        {
            try
            {
                await RemoveOnceAsync(path, cancel);
            }
            catch (IOException e) when (e is DirectoryNotFoundException or FileNotFoundException)
            {
                // The other was faster, with something in it or with all of it.
            }
        }
    }

    private static async Task RemoveOnceAsync(string path, CancellationToken cancel)
    {
        // A directory may be theirs itself, as the one that mmdebstrap unpacks in: only they may look into it, or change its mode.
        var isOurs = FileSystem.LinkStatus(path) is { } status && status.Owner == Accounts.EffectiveUser;
        if (isOurs)
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        if (!isOurs || Directory.EnumerateFileSystemEntries(path).Any())
            await Tool.RunAsync(
                RootSession.InUserNamespace([], new("find", path, "-mindepth", "1", "-delete")),
                new CapturedOutput(),
                cancel: cancel
            );
        Directory.Delete(path, recursive: isOurs);
    }
}
