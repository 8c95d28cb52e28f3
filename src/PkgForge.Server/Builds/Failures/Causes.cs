using PkgForge.Registry;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Processes;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Failures;

/// <summary>
/// Why a step failed. A limit of the farm is known from how the tool ended; the rest is read from what the step printed, by <see cref="CauseRules"/>.
/// </summary>
internal static class Causes
{
    private const int LongestEvidence = 500;

    /// <summary>The outcome of a build whose step failed.</summary>
    /// <param name="step">The step, and the format of the source package.</param>
    /// <param name="result">How its tool ended.</param>
    /// <param name="limits">The limits that it had.</param>
    /// <param name="log">The log.</param>
    /// <param name="since">Where in the log the step begins.</param>
    public static BuildOutcome Find(
        (string Name, PackageFormat Format) step,
        ToolResult result,
        BuildLimits limits,
        BuildLog log,
        long since
    ) => Find(step, result, limits, log, OfBuild(log, since));

    /// <summary>The same, where not all that the log has of the step is the build's.</summary>
    public static BuildOutcome Find(
        (string Name, PackageFormat Format) step,
        ToolResult result,
        BuildLimits limits,
        BuildLog log,
        IReadOnlyList<LogLine> lines
    )
    {
        var outcome = ForLimit(result.End, limits) is { } limit
            ? Shown(limit, lines is [.., var last] ? last : null)
            : ByRules(new(step.Name, step.Format, result.ExitCode, lines));
        log.Say($"failed: {outcome.Cause!.Value.Name()}: {outcome.Message}");
        return outcome;
    }

    /// <summary>
    /// The outcome of a source whose build dependencies cannot be had, as its tool has found and the log says since an offset; rules find the line that
    /// names them.
    /// </summary>
    /// <param name="format">The format of the source package.</param>
    /// <param name="log">The log.</param>
    /// <param name="since">Where in the log the tool's words begin.</param>
    /// <param name="lookedAt">Where the dependencies might have come from; null when the log does not come from a build.</param>
    public static BuildOutcome OfDependencies(PackageFormat format, BuildLog log, long since, string? lookedAt = null)
    {
        var (cause, evidence) = CauseRules.OfFarm.Find(new(StepFailure.Dependencies, format, 1, OfBuild(log, since)));
        var outcome = Shown(BuildOutcome.Failed(cause, null, ""), evidence);
        var missing = MissingDependency.In(outcome.Evidence) ?? "build dependencies";
        outcome = outcome with { Message = $"{missing} cannot be had: looked at {lookedAt ?? "this platform"}" };
        log.Say($"failed: {cause.Name()}: {outcome.Message}");
        return outcome;
    }

    /// <summary>
    /// The outcome when what a build depends on was found and fetched, but cannot be installed, and the farm has built some of it: that is for whoever has submitted that, or uses it. Its scripts
    /// may have killed the tool, or never end. Null when it is not for him: the farm has built none of it, or the log is full.
    /// </summary>
    /// <param name="result">How the tool ended that installs.</param>
    /// <param name="ours">Whether packages of the farm are among what it was to install.</param>
    /// <param name="log">What the installing tool has printed ends it.</param>
    /// <param name="since">Where that begins.</param>
    /// <param name="complaint">How the tool's lines begin that say what is wrong.</param>
    public static BuildOutcome? OfFarmsPackages(
        ToolResult result,
        bool ours,
        BuildLog log,
        long since,
        string complaint
    )
    {
        if (!ours || result.End == ToolEnd.TooMuchOutput)
            return null;
        const string Message =
            "the build dependencies could not be installed, among them packages of this job or of its buckets";
        var said = OfBuild(log, since);
        log.Say($"failed: {Cause.UnsatisfiableDependency.Name()}: {Message}");
        return Shown(
            BuildOutcome.Failed(Cause.UnsatisfiableDependency, null, Message),
            // What is said later is what comes of it.
            said.FirstOrDefault(line => line.Text.StartsWith(complaint, StringComparison.OrdinalIgnoreCase))
        );
    }

    private static BuildOutcome ByRules(StepFailure failure)
    {
        var (cause, evidence) = CauseRules.OfFarm.Find(failure);
        return Shown(
            BuildOutcome.Failed(cause, null, $"{failure.Step} ended with exit code {failure.ExitCode}"),
            evidence
        );
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

    /// <summary>The lines that a build has printed since an offset of the log.</summary>
    public static IReadOnlyList<LogLine> OfBuild(BuildLog log, long since) =>
        [.. log.Tail(since).Where(line => !line.IsFarms)];

    /// <summary>An outcome with a line as its evidence, which goes into mails, pages and terminals: it is not endless, and commands none of them.</summary>
    public static BuildOutcome Shown(BuildOutcome outcome, LogLine? line)
    {
        if (line is null)
            return outcome;
        var text = LogText.Plain(line.Text[..Math.Min(line.Text.Length, LongestEvidence)]).Trim();
        return outcome with { Evidence = text[..Math.Min(text.Length, LongestEvidence)], Place = line.Place };
    }
}
