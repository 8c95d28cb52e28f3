namespace PkgForge.Server.Publishing;

/// <summary>What a tool said about a package, made fit for a message.</summary>
internal static class Complaint
{
    private const int MostCharacters = 300;

    /// <summary>
    /// The line that names the file, or else the last line that was said. Control characters are taken out: the text may
    /// come from the package.
    /// </summary>
    public static string About(string fileName, string said)
    {
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var at = Array.FindIndex(lines, line => line.Contains(fileName, StringComparison.Ordinal));
        // apt-ftparchive gives the reason first and the file after it.
        var reason =
            at > 0 && lines[at].Contains("apply to file", StringComparison.Ordinal) ? lines[at - 1]
            : at >= 0 ? lines[at]
            : lines.LastOrDefault() ?? "it said nothing";
        return string.Concat(reason.Take(MostCharacters).Select(c => char.IsControl(c) ? ' ' : c));
    }
}
