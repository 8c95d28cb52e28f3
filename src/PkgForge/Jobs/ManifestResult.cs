using System.Diagnostics.CodeAnalysis;

namespace PkgForge.Jobs;

/// <summary>What became of reading a manifest: the job, or what was wrong.</summary>
/// <param name="Job">The job; null when the manifest was refused.</param>
/// <param name="Error">For a person: the line, the key, what was found and what was expected; null when it was read.</param>
public sealed record ManifestResult(Job? Job, string? Error)
{
    /// <summary>True when the job was read.</summary>
    [MemberNotNullWhen(true, nameof(Job))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsValid => Job is not null;
}
