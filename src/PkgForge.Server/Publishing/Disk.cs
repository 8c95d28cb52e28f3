using PkgForge.Native;

namespace PkgForge.Server.Publishing;

/// <summary>Makes files and directories that everybody can read, whatever the umask is, and that survive a power failure.</summary>
internal static class Disk
{
    private const UnixFileMode PublicFile =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode PublicDirectory =
        PublicFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Gives a file a second name, or copies it where that cannot be.</summary>
    public static void LinkOrCopy(string existing, string name)
    {
        if (!FileSystem.TryLink(existing, name))
            File.Copy(existing, name);
    }

    /// <summary>Makes a directory and what is above it, and flushes what each is made in.</summary>
    public static void MakeDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(path)!;
        MakeDirectory(parent);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, PublicDirectory);
        FileSystem.FlushDirectory(parent);
    }

    /// <summary>Makes a file public, and sure that its content is on disk.</summary>
    public static void Settle(string path)
    {
        using var file = FileSystem.OpenFile(path);
        if (File.GetUnixFileMode(file) != PublicFile)
            File.SetUnixFileMode(file, PublicFile);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Settles everything in a new directory, the directories after their content.</summary>
    public static void SettleTree(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
            Settle(file);
        foreach (var inner in Directory.EnumerateDirectories(directory))
            SettleTree(inner);
        File.SetUnixFileMode(directory, PublicDirectory);
        FileSystem.FlushDirectory(directory);
    }
}
