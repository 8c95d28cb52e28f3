namespace PkgForge.Spool;

/// <summary>What became of a submission.</summary>
public enum SubmissionOutcome
{
    /// <summary>The job is in <c>incoming</c>, whole.</summary>
    Placed,

    /// <summary>A job of this id waits in <c>incoming</c>: nothing was changed.</summary>
    IdInUse,

    /// <summary>It could not be done; nothing was left behind.</summary>
    Failed,
}

/// <summary>What became of a submission.</summary>
/// <param name="Outcome">Placed or not.</param>
/// <param name="Path">Where the job is; null unless placed.</param>
/// <param name="Message">For a person, what was wrong and what to do; null when placed.</param>
public sealed record SubmissionResult(SubmissionOutcome Outcome, string? Path, string? Message);
