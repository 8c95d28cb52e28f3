using System.Text;

namespace PkgForge.EndToEnd.Farms;

/// <summary>Looks for what a farm has left behind: processes, mounts, temporary directories.</summary>
internal static class Remains
{
    private static readonly TimeSpan DyingTakes = TimeSpan.FromSeconds(5);

    /// <summary>What is left of running builds. A killed process needs a moment to be gone.</summary>
    public static async Task<IReadOnlyList<string>> RunningAsync(string directory)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var left = Processes(directory).Concat(Mounts(directory)).ToList();
            if (left.Count == 0 || TimeProvider.System.GetElapsedTime(started) > DyingTakes)
                return left;
            await Task.Delay(50);
        }
    }

    /// <summary>What is left on disk, where nothing runs any more.</summary>
    public static IEnumerable<string> OnDisk(string spool, string builders) =>
        Directory
            .EnumerateFileSystemEntries(
                spool,
                "*.tmp",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
            )
            .Concat(
                Directory.Exists(builders)
                    ? Directory.EnumerateDirectories(builders).SelectMany(Directory.EnumerateFileSystemEntries)
                    : []
            )
            .Where(path => Path.GetFileName(path) is not ("lock" or ".incoming.lock"));

    /// <summary>Processes that were started with the directory in their words or variables, or live in it.</summary>
    private static IEnumerable<string> Processes(string directory)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsDigit(path[6])))
        {
            string?[] traces =
            [
                Text($"{process}/cmdline"),
                Text($"{process}/environ"),
                Link($"{process}/root"),
                Link($"{process}/cwd"),
                Text($"{process}/mountinfo"),
            ];
            if (traces.Any(trace => trace?.Contains(directory, StringComparison.Ordinal) == true))
                yield return $"process {process[6..]}: {traces[0]?.Replace('\0', ' ')}";
        }
    }

    private static IEnumerable<string> Mounts(string directory) =>
        File.ReadLines("/proc/self/mounts")
            .Where(line => line.Contains(directory, StringComparison.Ordinal))
            .Select(line => $"mount: {line}");

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
