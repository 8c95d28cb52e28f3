namespace PkgForge.Jobs;

/// <summary>Leaves the depth of a reader with a message; <see cref="Manifest"/> turns it into a result.</summary>
internal sealed class ManifestException(long line, string message) : Exception(message)
{
    internal long Line { get; } = line;
}
