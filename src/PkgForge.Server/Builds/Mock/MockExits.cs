using PkgForge.Registry;
using PkgForge.Server.Builds.Failures;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Server.Builds.Mock;

/// <summary>How <c>mock</c> ends: the codes of its version 6. A stage is the farm's own word: it calls mock twice.</summary>
internal static class MockExits
{
    /// <summary>The stage in which dependencies are installed.</summary>
    public const string Dependencies = "dependencies";

    /// <summary>The stage in which the source is built.</summary>
    public const string Build = "build";

    /// <summary>Words of dnf when a set cannot be had, whatever is fetched.</summary>
    private static readonly string[] UnmetWords =
    [
        "No matching package to install",
        "No match for argument",
        "nothing provides",
        "conflicting requests",
    ];

    /// <summary>All exits; the first row that fits counts.</summary>
    public static IReadOnlyList<ToolExit> Table { get; } =
    [
        new(1, null, Blame.Words, Cause.Unknown, "a command failed: rpmbuild, or one of its own"),
        new(2, null, Blame.Farm, Cause.Unknown, "it has not the rights that it needs"),
        new(3, null, Blame.Farm, Cause.Unknown, "its configuration is not valid"),
        new(4, null, Blame.Farm, Cause.Unknown, "not all packages of a chain were built"),
        new(5, null, Blame.Farm, Cause.Unknown, "it does not know its command line"),
        new(6, null, Blame.Farm, Cause.Unknown, "the machine does not run the architecture"),
        new(10, null, Blame.Package, Cause.Unknown, "rpmbuild failed"),
        new(11, null, Blame.Package, Cause.Timeout, "a command took too long"),
        new(20, null, Blame.Farm, Cause.Unknown, "the root could not be made"),
        new(25, null, Blame.Farm, Cause.Unknown, "a logical volume could not be handled"),
        new(30, null, Blame.Words, Cause.UnsatisfiableDependency, "the package manager failed"),
        new(31, null, Blame.Package, Cause.UnsatisfiableDependency, "an external dependency is not known"),
        new(40, null, Blame.Package, Cause.Packaging, "the source package cannot be used"),
        new(50, null, Blame.Farm, Cause.Unknown, "a command of mock failed"),
        new(60, null, Blame.Farm, Cause.Unknown, "the root is in use by another process"),
        new(65, null, Blame.Farm, Cause.Unknown, "the pool of volumes is in use"),
        new(70, null, Blame.Farm, Cause.Unknown, "the directory of results could not be made"),
        new(80, null, Blame.Farm, Cause.Unknown, "namespaces could not be made"),
        new(90, null, Blame.Farm, Cause.Unknown, "the bootstrap root could not be made"),
        new(110, null, Blame.Farm, Cause.Unknown, "it lost its own state"),
        new(120, null, Blame.Farm, Cause.Unknown, "a weak dependency was not installed"),
        new(null, null, Blame.Farm, Cause.Unknown, "it was killed, or could not do its work"),
    ];

    /// <summary>
    /// Whose fault an exit is that has one code for both: of rpmbuild's failures the package's; of the package manager's those in which the set cannot be had.
    /// </summary>
    public static Blame Decide(ToolExit exit, IReadOnlyList<LogLine> log)
    {
        if (exit.Blame != Blame.Words)
            return exit.Blame;
        var own = exit.Cause == Cause.UnsatisfiableDependency ? Unmet(log) is not null : IsRpmbuild(log);
        return own ? Blame.Package : Blame.Farm;
    }

    /// <summary>The line that tells which dependency cannot be had; null when none does.</summary>
    public static LogLine? Unmet(IReadOnlyList<LogLine> log) =>
        UnmetWords
            .Select(words => log.LastOrDefault(line => line.Text.Contains(words, StringComparison.Ordinal)))
            .FirstOrDefault(line => line is not null);

    /// <summary>What the build printed, and what came before it: the log without what mock says of its failure.</summary>
    public static IReadOnlyList<LogLine> OfBuild(IReadOnlyList<LogLine> log) =>
        LastError(log) is > 0 and var at ? [.. log.Take(at)] : log;

    // The command stands in the next line.
    private static bool IsRpmbuild(IReadOnlyList<LogLine> log) =>
        LastError(log) is >= 0 and var at
        && log.Skip(at).Take(3).Any(line => line.Text.Contains("/usr/bin/rpmbuild ", StringComparison.Ordinal));

    private static int LastError(IReadOnlyList<LogLine> log)
    {
        var at = log.Count - 1;
        while (at >= 0 && !log[at].Text.Contains("Command failed:", StringComparison.Ordinal))
            at--;
        return at;
    }
}
