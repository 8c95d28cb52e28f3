using PkgForge.Registry;

namespace PkgForge.Server.Publishing;

/// <summary>A product and where it lies.</summary>
/// <param name="Path">A regular file; it stays where it is.</param>
/// <param name="Product">Name, size and digest as they were when it was collected.</param>
public sealed record ProductFile(string Path, Product Product);

/// <summary>What became of publishing.</summary>
public enum PublishState
{
    /// <summary>All packages are in the bucket.</summary>
    Published,

    /// <summary>The caller no longer holds the task: nothing was published.</summary>
    Lost,

    /// <summary>A product is not what it should be, which is the package's fault: nothing was published.</summary>
    Refused,
}

/// <summary>What became of publishing the products of a task.</summary>
/// <param name="State">Published, lost or refused.</param>
/// <param name="Snapshot">The number of the snapshot that holds them; 0 unless published.</param>
/// <param name="Message">Which product was refused, and why; null unless refused.</param>
public sealed record PublishOutcome(PublishState State, int Snapshot, string? Message)
{
    internal static PublishOutcome Lost { get; } = new(PublishState.Lost, 0, null);

    internal static PublishOutcome Published(int snapshot) => new(PublishState.Published, snapshot, null);

    internal static PublishOutcome Refused(string message) => new(PublishState.Refused, 0, message);
}

/// <summary>
/// Decides whether a snapshot becomes the one that readers see. It calls <paramref name="switchOver"/>, which is one rename, if the caller still
/// holds the task whose products it publishes, and while nobody can take it; and returns whether it did.
/// </summary>
/// <param name="snapshot">The number that it has.</param>
/// <param name="switchOver">Shows it to readers. Does no harm when it is called again.</param>
public delegate Task<bool> Commit(int snapshot, Action switchOver);
