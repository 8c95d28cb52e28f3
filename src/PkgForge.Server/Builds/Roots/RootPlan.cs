namespace PkgForge.Server.Builds.Roots;

/// <summary>What a <see cref="RootSession"/> is made of.</summary>
/// <param name="Top">A directory, made if it is not there, on which the session mounts its top.</param>
/// <param name="Layers">Roots of the layers, the uppermost first; empty for a root that starts empty.</param>
/// <param name="SizeInBytes">How much the top may hold.</param>
public sealed record RootPlan(string Top, IReadOnlyList<string> Layers, long SizeInBytes)
{
    /// <summary>Directories that are there, and that nothing in the session is to see by their own path.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Takes all that runs in the session, from its first process on; it goes with the session. Null for none.</summary>
    public ControlGroup? Group { get; init; }

    /// <summary>
    /// An empty directory on a disk, in which the session's root user may write: it takes what is written in the root, and nothing in the root waits for the
    /// disk. It goes with the session, unless <see cref="RootSession.ReleaseTopAsync"/> is called. Null for a top in memory, where it is, too, when the file system of the
    /// directory takes none.
    /// </summary>
    public string? Disk { get; init; }
}
