namespace PkgForge.Spool;

/// <summary>The three directories through which jobs go.</summary>
/// <param name="Incoming">What users submit.</param>
/// <param name="Accepted">What the farm has taken.</param>
/// <param name="Results">Logs and products.</param>
public sealed record SpoolDirectories(IncomingArea Incoming, AcceptedArea Accepted, ResultsArea Results)
{
    /// <summary>The areas under one directory: <c>incoming</c>, <c>accepted</c> and <c>results</c>.</summary>
    public static SpoolDirectories Under(string path) =>
        new(
            new(Path.Combine(path, "incoming")),
            new(Path.Combine(path, "accepted")),
            new(Path.Combine(path, "results"))
        );
}
