using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Server.Builds;

namespace PkgForge.Server.Reporting;

/// <summary>All that the report of a task says.</summary>
/// <param name="Job">What was asked.</param>
/// <param name="Task">The platform, and which try it was.</param>
/// <param name="Builder">Who built it.</param>
/// <param name="Results">Where logs and products are.</param>
/// <param name="State">What the task has come to: success, fail or cancelled.</param>
/// <param name="Note">What a person should know beside the failure of the package; null if nothing.</param>
/// <param name="Outcomes">What became of each source that was tried, by the name of its main file.</param>
/// <param name="Failure">Why the task failed; null when it succeeded.</param>
/// <param name="Products">What it made.</param>
internal sealed record TaskDescription(
    Job Job,
    ClaimedTask Task,
    string Builder,
    string Results,
    BuildTaskState State,
    string? Note,
    IReadOnlyDictionary<string, BuildOutcome> Outcomes,
    BuildOutcome? Failure,
    IReadOnlyList<Product> Products
);
