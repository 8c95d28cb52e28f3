using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;

namespace PkgForge.Server.Reporting;

/// <summary>All that the report of a task says.</summary>
/// <param name="Job">What was asked.</param>
/// <param name="Task">The platform, which try it was, and by whom.</param>
/// <param name="Results">Where logs and products are.</param>
/// <param name="End">What the task has come to.</param>
internal sealed record TaskDescription(Job Job, ClaimedTask Task, string Results, TaskEnd End)
{
    /// <summary>The evidence in the log, and the lines around it; empty where there is none.</summary>
    public IReadOnlyList<ExcerptLine> Excerpt { get; init; } = [];

    /// <summary>What was asked for and could not be had, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
