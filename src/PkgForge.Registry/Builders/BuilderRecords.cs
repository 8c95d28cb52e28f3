using PkgForge.Jobs;

namespace PkgForge.Registry.Builders;

/// <summary>A builder's hold on its name, and the farm's terms.</summary>
/// <param name="Session">The hold.</param>
/// <param name="Heartbeat">How often a held task's lease is to be renewed.</param>
/// <param name="Settings">
/// The sections <c>platform_recipes</c> (of this platform) and <c>limits</c> of the farm's configuration, as YAML, for a machine
/// whose own configuration has none. Null where builder and farm share a machine.
/// </param>
public sealed record BuilderPost(BuilderSession Session, TimeSpan Heartbeat, string? Settings);

/// <summary>What a builder is to do.</summary>
/// <param name="Job">The job, as its manifest says.</param>
/// <param name="Sources">The directory on this machine where the files of its source packages lie.</param>
/// <param name="Repositories">Repositories on this machine that satisfy build dependencies.</param>
/// <param name="Lintian">What a failing lintian means.</param>
/// <param name="Rpmlint">What a failing rpmlint means.</param>
public sealed record TaskOrder(
    Job Job,
    string Sources,
    IReadOnlyList<RepositoryReference> Repositories,
    CheckMode Lintian,
    CheckMode Rpmlint
);

/// <summary>A package repository on this machine that a root may install from.</summary>
/// <param name="Name">The bucket's name, safe in file names and configurations.</param>
/// <param name="Directory">Where it lies.</param>
/// <param name="Revision">Changes whenever its content does.</param>
public sealed record RepositoryReference(string Name, string Directory, string Revision);

/// <summary>What a bucket makes of the checks of products.</summary>
public enum CheckMode
{
    /// <summary>Products are not checked.</summary>
    Off,

    /// <summary>What the check finds is written down. It fails nothing. The default.</summary>
    Inform,

    /// <summary>A package that does not pass fails, with cause <c>check</c>.</summary>
    Gate,
}

/// <summary>What a task has come to, in the builder's words.</summary>
/// <param name="State">Success, fail or cancelled.</param>
/// <param name="Cause">Why it failed; null unless it did.</param>
/// <param name="Evidence">The line of the log that shows it.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Sources">What became of each source that was tried, in the order of the last tries.</param>
/// <param name="Products">What was handed over and is the task's result; empty unless it succeeded.</param>
public sealed record TaskEnd(
    BuildTaskState State,
    Cause? Cause,
    string? Evidence,
    string? Message,
    IReadOnlyList<SourceResult> Sources,
    IReadOnlyList<Product> Products
)
{
    /// <summary>Where the evidence stands in the attempt's log; null where it is no line of it.</summary>
    public LogPlace? Place { get; init; }
}

/// <summary>What became of one source of a task.</summary>
/// <param name="File">The name of its main file.</param>
/// <param name="Cause">Why it failed; null when it was built.</param>
/// <param name="Time">How long its last try took: what estimates are learnt from.</param>
public sealed record SourceResult(string File, Cause? Cause, TimeSpan Time);

/// <summary>What the farm made of a task's end.</summary>
/// <param name="State">
/// The task's state now; null when the lease was lost and nothing was changed. A success whose products the bucket refuses has
/// become a fail.
/// </param>
/// <param name="Message">Why the bucket refused; null otherwise.</param>
public sealed record EndOutcome(BuildTaskState? State, string? Message);
