using System.Text.RegularExpressions;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Failures;

/// <summary>What apt, mmdebstrap, dnf and rpm call an error, in the lines that they have printed: for a message that says why one of them has failed.</summary>
internal static partial class ErrorLines
{
    private const int Most = 3;
    private const int MostCharacters = 500;

    /// <summary>Why a tool of the farm has failed: what it called an error, or what has ended it.</summary>
    public static string Of(ToolResult result, IReadOnlyList<string> lines) =>
        result.End switch
        {
            ToolEnd.Exited => In(lines),
            ToolEnd.TooMuchOutput => "the log is full",
            _ =>
                $"stopped after {ToolLimits.ForTools.Time.TotalMinutes} minutes, the time for tools; its last words: {In(lines)}",
        };

    /// <summary>The first of these lines; the last lines of all, if there are none.</summary>
    public static string In(IReadOnlyList<string> lines)
    {
        var errors = lines.Where(line => Error().IsMatch(line)).Distinct(StringComparer.Ordinal).Take(Most).ToList();
        var text = string.Join(' ', (errors.Count > 0 ? errors : lines.TakeLast(Most)).Select(line => line.Trim()));
        return text.Length > MostCharacters ? $"{text[..MostCharacters]}..." : text;
    }

    // Not those that only say that a tool below has failed.
    [GeneratedRegex(
        @"^(?:E: (?!apt-get |mmdebstrap failed)|W: GPG error|Error: |\s*- Curl error|Public key for .* is not installed|Package \S+ is not signed)"
    )]
    private static partial Regex Error();
}
