using System.Diagnostics.CodeAnalysis;

namespace PkgForge.Platforms;

/// <summary>What became of choosing platforms for a job.</summary>
/// <param name="Selected">The platforms, by name and architecture; empty when nothing matched.</param>
/// <param name="Warnings">What was asked for and could not be had, though something else matched; each one sentence.</param>
/// <param name="Error">Why nothing was selected: what was asked for and what there is; null when something was.</param>
public sealed record SelectionResult(IReadOnlyList<PlatformKey> Selected, IReadOnlyList<string> Warnings, string? Error)
{
    /// <summary>True when at least one platform was selected.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsValid => Error is null;
}
