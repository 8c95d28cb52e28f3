using System.Text.RegularExpressions;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Failures;

/// <summary>What is known of a step that failed.</summary>
/// <param name="Step">Its name: <c>dependencies</c>, <c>unpack</c>, <c>build</c>.</param>
/// <param name="Format">The format of the source package.</param>
/// <param name="ExitCode">Its tool's.</param>
/// <param name="Lines">What it printed, as far as the log's end is kept in memory; no lines of the farm.</param>
internal sealed record StepFailure(string Step, PackageFormat Format, int ExitCode, IReadOnlyList<LogLine> Lines)
{
    /// <summary>The step in which build dependencies are worked out.</summary>
    public const string Dependencies = "dependencies";

    /// <summary>The last line.</summary>
    public LogLine? LastLine => Lines is [.., var last] ? last : null;

    /// <summary>The last line that matches.</summary>
    public LogLine? Last(Regex pattern) => Lines.LastOrDefault(line => pattern.IsMatch(line.Text));

    /// <summary>The first line that matches.</summary>
    public LogLine? First(Regex pattern) => Lines.FirstOrDefault(line => pattern.IsMatch(line.Text));
}
