using PkgForge.Registry;

namespace PkgForge.Server.Builds;

/// <summary>What became of building one source package.</summary>
/// <param name="Products">Names of the files that it added to the products directory; empty unless it succeeded.</param>
/// <param name="Cause">Why it failed; null when it succeeded.</param>
/// <param name="Evidence">The line of the log that shows it.</param>
/// <param name="Message">One sentence for a person.</param>
public sealed record BuildOutcome(IReadOnlyList<string> Products, Cause? Cause, string? Evidence, string? Message)
{
    /// <summary>Where the evidence stands in the log; null where it is no line of it.</summary>
    public LogPlace? Place { get; init; }

    /// <summary>
    /// Not empty when it was not built, because it asks for packages that other sources of the job make, which are not built yet: their names. Until then it has not failed.
    /// </summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>It asks for packages that other sources of the job are still to make.</summary>
    public static BuildOutcome Waits(IReadOnlyList<string> names) =>
        Failed(
            Registry.Cause.UnsatisfiableDependency,
            null,
            $"asks for {string.Join(", ", names)}, which is made in this job by a source that needs this one"
        ) with
        {
            WaitsFor = names,
        };

    /// <summary>It was built, and made these files.</summary>
    public static BuildOutcome Built(IReadOnlyList<string> products) => new(products, null, null, null);

    /// <summary>The package failed.</summary>
    public static BuildOutcome Failed(Cause cause, string? evidence, string message) =>
        new([], cause, evidence, message);

    /// <summary>True when it was built.</summary>
    public bool Succeeded => Cause is null;
}
