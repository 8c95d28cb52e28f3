using System.Text.RegularExpressions;
using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Server.Builds.Sbuild;

/// <summary>
/// How <c>sbuild</c> ends. Its exit code is that of its <c>Status</c>: 0 successful or skipped, 2 attempted (the build failed), 3 given back (it did not come to building), 1 all
/// else. Where it was is in the summary that is the last thing it prints, as <c>Fail-Stage</c>: what a build has printed itself stands before that.
/// </summary>
internal static partial class SbuildExits
{
    private const string Heading = "| Summary";
    private const string BuildEnds = "Build finished at ";
    private const string StageField = "Fail-Stage: ";

    /// <summary>Words of apt for what is no fault of the package.</summary>
    private static readonly string[] FarmWords =
    [
        "E: Failed to fetch",
        "E: Unable to fetch some archives",
        "No space left on device",
    ];

    private const string NotInstalledWords = "E: Sub-process /usr/bin/dpkg returned an error code";

    /// <summary>All exits; the first row that fits counts.</summary>
    public static IReadOnlyList<ToolExit> Table { get; } =
    [
        new(0, "arch-check", Blame.Package, Cause.Packaging, "the source is not for this architecture"),
        new(2, null, Blame.Package, Cause.Unknown, "the build failed"),
        new(3, "install-deps", Blame.Words, Cause.UnsatisfiableDependency, "build dependencies cannot be had"),
        new(3, "unpack", Blame.Package, Cause.Patch, "the source could not be unpacked"),
        new(3, "check-unpacked-version", Blame.Package, Cause.Packaging, "debian/changelog cannot be read"),
        new(3, null, Blame.Farm, Cause.Unknown, "it gave up before it built"),
        new(1, "check-architecture", Blame.Package, Cause.Packaging, "the build dependencies are not well formed"),
        new(1, "parse-changes", Blame.Package, Cause.Packaging, "the build's .changes file cannot be read"),
        new(null, null, Blame.Farm, Cause.Unknown, "it could not do its work"),
    ];

    /// <summary>The stage in the summary of a log; empty when it has none.</summary>
    public static string Stage(IReadOnlyList<string> log)
    {
        var summary = log.Skip(LastHeading(log) + 1);
        return summary.LastOrDefault(line => line.StartsWith(StageField, StringComparison.Ordinal)) is { } line
            ? line[StageField.Length..].Trim()
            : "";
    }

    /// <summary>True when apt could not fetch what it had worked out, or had no room for it.</summary>
    public static bool IsFarmsFault(IEnumerable<string> log) =>
        log.Any(line => FarmWords.Any(words => line.Contains(words, StringComparison.Ordinal)));

    /// <summary>True when apt had all that it had worked out, and dpkg could not install it.</summary>
    public static bool IsNotInstalled(IEnumerable<string> log) =>
        log.Any(line => line.Contains(NotInstalledWords, StringComparison.Ordinal));

    /// <summary>
    /// True when packages that the farm has built are among what apt was to install: they come from this machine, as what sbuild itself makes up to stand for a source's dependencies does.
    /// </summary>
    public static bool InstallsFarmsPackages(IEnumerable<string> log) => log.Any(line => FromMachine().IsMatch(line));

    /// <summary>What the build printed, and what came before it: the log without what sbuild says at its end.</summary>
    public static IReadOnlyList<LogLine> OfBuild(IReadOnlyList<LogLine> log)
    {
        var texts = log.Select(line => line.Text).ToList();
        var end = texts.FindLastIndex(text => text.StartsWith(BuildEnds, StringComparison.Ordinal));
        // A line of dashes stands before it.
        var count = end > 0 ? end - 1 : LastHeading(texts);
        return count > 0 ? [.. log.Take(count)] : log;
    }

    // Get:1 file:/pkgforge/main bookworm/main amd64 lib amd64 1.0 [848 B]
    // Get:1 copy:/build/resolver-abcdef/apt_archive ./ lib 1.0 [848 B]
    [GeneratedRegex(
        @"\AGet:\d+ (copy|file):\S+ \S+ (\S+ )?(?!sbuild-build-depends-)[a-z0-9][a-z0-9.+-]+ (\S+ )?\d\S* \[",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex FromMachine();

    private static int LastHeading(IReadOnlyList<string> log)
    {
        var at = log.Count - 1;
        while (at >= 0 && !log[at].StartsWith(Heading, StringComparison.Ordinal))
            at--;
        return at;
    }
}
