namespace PkgForge.Tests.Shared;

/// <summary>
/// Where tests keep what need not survive a power cut: in memory, where the machine gives enough of it. A disk that many write to may keep a
/// write waiting for seconds, and a test of how soon something happens would tell of the disk.
/// </summary>
public static class QuickDisk
{
    private const string Memory = "/dev/shm";
    private const long Enough = 4L << 30;

    /// <summary>A directory that everybody may write to, like <c>/tmp</c>.</summary>
    public static string Root { get; } = HasRoom() ? Memory : Path.GetTempPath();

    private static bool HasRoom() => Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= Enough;
}
