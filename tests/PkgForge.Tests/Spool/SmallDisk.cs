using System.Diagnostics;
using PkgForge.Native;

namespace PkgForge.Tests.Spool;

/// <summary>A file system of 1 MiB: what a full disk is like.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Mounts it; null where that is not allowed.</summary>
    public static SmallDisk? TryMount(string path)
    {
        if (Accounts.EffectiveUser != 0)
            return null;
        Directory.CreateDirectory(path);
        return Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path) ? new(path) : null;
    }

    public void Dispose() => Run("umount", Path);

    private static bool Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(tool, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
