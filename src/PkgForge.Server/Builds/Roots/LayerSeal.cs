using System.Globalization;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// What a layer was when it was made: its size, and a digest over every entry's path, kind, mode, owners, size, link target, and times of change of content and of the entry
/// itself. The last is set by the kernel alone: whoever changes a byte and puts the other times back is noticed, too. Reading all content would cost
/// more than many a build.
/// </summary>
internal static class LayerSeal
{
    private const string Look = """
        set -e
        cd "$1/root"
        find . -printf '%P %y %#m %U %G %s %l %T@ %C@\n' | LC_ALL=C sort | sha256sum | cut -d ' ' -f 1
        du -s -B 1 . | cut -f 1
        """;

    /// <summary>Notes it, in a place that is not a layer yet.</summary>
    public static async Task WriteAsync(string place, CancellationToken cancel) =>
        await File.WriteAllTextAsync(FileIn(place), await LookAsync(place, cancel), cancel);

    /// <summary>
    /// True when the layer still is what it was. What it takes on disk is not compared: a file system settles that when it writes, and may take a block more.
    /// </summary>
    public static async Task<bool> IsWholeAsync(string place, CancellationToken cancel) =>
        DigestOf(place) is { Length: > 0 } digest
        && string.Equals(digest, FirstLine(await LookAsync(place, cancel)), StringComparison.Ordinal);

    /// <summary>Bytes on disk, as noted; 0 when nothing is, or when another builder removes the layer just now.</summary>
    public static long SizeOf(string place)
    {
        try
        {
            return
                File.ReadAllLines(FileIn(place)) is [_, var size, ..]
                && long.TryParse(size, CultureInfo.InvariantCulture, out var bytes)
                ? bytes
                : 0;
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>The digest, as noted; empty when nothing is.</summary>
    public static string DigestOf(string place) =>
        File.Exists(FileIn(place)) ? FirstLine(File.ReadAllText(FileIn(place))) : "";

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    private static string FileIn(string place) => $"{place}/seal";

    private static Task<string> LookAsync(string place, CancellationToken cancel) =>
        Tool.RequireAsync(RootSession.InUserNamespace([], new("sh", "-c", Look, "look", place)), cancel);
}
