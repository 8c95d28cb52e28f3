namespace PkgForge.Spool;

/// <summary>The three directories through which jobs go.</summary>
/// <param name="Incoming">What users submit.</param>
/// <param name="Accepted">What the farm has taken.</param>
/// <param name="Results">Logs and products.</param>
public sealed record SpoolDirectories(IncomingArea Incoming, AcceptedArea Accepted, ResultsArea Results)
{
    /// <summary>The areas under one directory: <c>incoming</c>, <c>accepted</c> and <c>results</c>.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="trusted">Users who may submit in the name of others; null for nobody.</param>
    public static SpoolDirectories Under(string path, IReadOnlySet<uint>? trusted = null) =>
        new(
            new(Path.Combine(path, "incoming"), trusted),
            new(Path.Combine(path, "accepted")),
            new(Path.Combine(path, "results"))
        );
}
