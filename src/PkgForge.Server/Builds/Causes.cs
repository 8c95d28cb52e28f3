using System.Text.RegularExpressions;
using PkgForge.Registry;
using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds;

/// <summary>
/// Why a step failed. A limit of the farm is known from how the tool ended; the rest is read from the end of the log, by
/// rules that are data: the first rule with a matching line wins, and its last matching line is the evidence.
/// </summary>
internal static partial class Causes
{
    private static readonly (Regex Line, Cause Cause)[] Rules =
    [
        (DiskFull(), Cause.DiskFull),
        (OutOfMemory(), Cause.OutOfMemory),
        (Test(), Cause.Test),
        (Configure(), Cause.Configure),
        (Patch(), Cause.Patch),
        (Packaging(), Cause.Packaging),
        (Compile(), Cause.Compile),
    ];

    public static BuildOutcome Find(BuildStep step, ToolResult result, BuildLimits limits, BuildLog log)
    {
        var outcome = ForLimit(result.End, limits) ?? FromLog(step, result, log);
        log.Say($"failed: {outcome.Cause!.Value.Name()}: {outcome.Message}");
        return outcome;
    }

    /// <summary>The outcome of a build that broke a limit; null when it ended by itself.</summary>
    public static BuildOutcome? ForLimit(ToolEnd end, BuildLimits limits) =>
        end switch
        {
            ToolEnd.TimedOut => BuildOutcome.Failed(
                Cause.Timeout,
                null,
                $"stopped after {limits.Time:c}, the limit of time"
            ),
            ToolEnd.Silent => BuildOutcome.Failed(
                Cause.NoOutput,
                null,
                $"stopped after {limits.Silence:c} without output, the limit"
            ),
            ToolEnd.TooMuchOutput => BuildOutcome.Failed(
                Cause.LogLimit,
                null,
                $"stopped after {limits.Log} bytes of log, the limit"
            ),
            _ => null,
        };

    private static BuildOutcome FromLog(BuildStep step, ToolResult result, BuildLog log)
    {
        var lines = log.LastLines().Where(line => !line.StartsWith("==>", StringComparison.Ordinal)).ToList();
        foreach (var (pattern, cause) in Rules)
        {
            if (lines.FindLast(pattern.IsMatch) is { } evidence)
                return BuildOutcome.Failed(
                    cause,
                    Clean(evidence),
                    $"{step.Name} ended with exit code {result.ExitCode}"
                );
        }
        var last = lines.Count > 0 ? Clean(lines[^1]) : null;
        return BuildOutcome.Failed(step.Cause, last, $"{step.Name} ended with exit code {result.ExitCode}");
    }

    // Evidence goes into mails, pages and terminals: no control characters, one line, not endless.
    internal static string Clean(string line) =>
        string.Concat(line.Take(500).Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    [GeneratedRegex(@"No space left on device|Disk quota exceeded")]
    private static partial Regex DiskFull();

    [GeneratedRegex(
        @"virtual memory exhausted|Cannot allocate memory|Killed signal terminated program|std::bad_alloc|^make.*: \*\*\* \[.*\] Killed$"
    )]
    private static partial Regex OutOfMemory();

    [GeneratedRegex(@"dh_auto_test: error|error: Bad exit status from \S+ \(%check\)")]
    private static partial Regex Test();

    [GeneratedRegex(@"dh_auto_configure: error|^configure: error:|CMake Error|meson.build:\d+:\d+: ERROR")]
    private static partial Regex Configure();

    [GeneratedRegex(
        @"^\d+ out of \d+ hunks? (FAILED|failed)|error: Bad exit status from \S+ \(%prep\)|dpkg-source: error: LC_ALL=C patch"
    )]
    private static partial Regex Patch();

    [GeneratedRegex(
        @"^dh_(install|missing|installman|installdocs): error|error: Installed \(but unpackaged\)|^\s+File not found:|error: Bad exit status from \S+ \(%install\)|^error: (Bad (file|mode|dir mode|attr)|File must begin with|File listed twice|(File|Directory) not found|Invalid|Empty %files)"
    )]
    private static partial Regex Packaging();

    [GeneratedRegex(
        @"^\S+:\d+:\d+: (fatal )?error: |undefined reference to|dh_auto_build: error|error: Bad exit status from \S+ \(%build\)"
    )]
    private static partial Regex Compile();
}
