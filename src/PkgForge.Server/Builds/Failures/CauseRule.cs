using System.Text.RegularExpressions;
using PkgForge.Registry;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Failures;

/// <summary>
/// When a step that failed did so for a cause: all conditions hold that the rule has, and, if it has a pattern, a line of the step matches it.
/// </summary>
/// <param name="Cause">The cause.</param>
/// <param name="Line">The pattern; null when the conditions are enough.</param>
internal sealed record CauseRule(Cause Cause, Regex? Line)
{
    /// <summary>Steps of which it speaks; empty for all.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Formats of which it speaks; empty for all.</summary>
    public IReadOnlyList<PackageFormat> Formats { get; init; } = [];

    /// <summary>Exit codes of the tool of which it speaks; empty for all.</summary>
    public IReadOnlyList<int> ExitCodes { get; init; } = [];

    /// <summary>Lines that match.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Where it stands in its file, for messages.</summary>
    public long Place { get; init; }

    /// <summary>True when it applies.</summary>
    public bool Applies(StepFailure failure) =>
        Holds(Steps, failure.Step)
        && Holds(Formats, failure.Format)
        && Holds(ExitCodes, failure.ExitCode)
        && (Line is null || failure.Last(Line) is not null);

    private static bool Holds<T>(IReadOnlyList<T> wanted, T there) => wanted.Count == 0 || wanted.Contains(there);
}
