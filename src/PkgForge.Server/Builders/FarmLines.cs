using System.Text;
using PkgForge.Native;

namespace PkgForge.Server.Builders;

/// <summary>The farm's last lines in the log of an attempt that its builder has closed.</summary>
internal static class FarmLines
{
    /// <summary>More than the last line of the farm is long.</summary>
    private const int TailSize = 4096;

    /// <summary>
    /// Appends the lines, flushed, each as the farm's own; unless they are there already, because the end that they belong to is told
    /// for the second time. Where there is no log, none is made.
    /// </summary>
    public static void Append(string path, IReadOnlyList<string> lines, TimeProvider time)
    {
        if (lines.Count == 0 || !File.Exists(path))
            return;
        using var file = FileSystem.OpenToAppend(path);
        var tail = Tail(path);
        if (tail.EndsWith($" {lines[^1]}\n", StringComparison.Ordinal))
            return;
        var text = new StringBuilder(tail.Length > 0 && tail[^1] != '\n' ? "\n" : "");
        foreach (var line in lines)
            text.Append($"==> {time.GetUtcNow():HH:mm:ss} {line}\n");
        // The file was opened to append: the system puts the bytes at its end, whatever the offset.
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text.ToString()), 0);
        RandomAccess.FlushToDisk(file);
    }

    private static string Tail(string path)
    {
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        var buffer = new byte[TailSize];
        var read = RandomAccess.Read(file, buffer, Math.Max(0, RandomAccess.GetLength(file) - TailSize));
        return Encoding.UTF8.GetString(buffer, 0, read);
    }
}
