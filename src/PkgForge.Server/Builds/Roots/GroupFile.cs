using System.Text;

namespace PkgForge.Server.Builds.Roots;

/// <summary>The files by which the kernel tells of control groups, and is told.</summary>
internal static class GroupFile
{
    /// <summary>Writes a value in one piece, as the kernel wants it, into a file that must be there.</summary>
    public static void Write(string path, string value)
    {
        using var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite,
                BufferSize = 0,
            }
        );
        file.Write(Encoding.ASCII.GetBytes(value));
    }

    /// <summary>The same, where the kernel has such a file.</summary>
    public static void WriteIfThere(string path, string value)
    {
        if (File.Exists(path))
            Write(path, value);
    }

    /// <summary>The value of a line <c>KEY NUMBER</c>; 0 when there is no such file or line.</summary>
    public static long Count(string path, string key) =>
        Lines(path)
            .Where(line => line.StartsWith($"{key} ", StringComparison.Ordinal))
            .Select(line => long.TryParse(line.AsSpan(key.Length + 1), out var number) ? number : 0)
            .FirstOrDefault();

    /// <summary>The lines of a file; none when it cannot be read.</summary>
    public static IReadOnlyList<string> Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (IOException)
        {
            // The group is gone since.
            return [];
        }
    }
}
