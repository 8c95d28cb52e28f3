namespace PkgForge.Sources;

/// <summary>
/// What a source package makes, and what it needs to be built, by names alone: enough to put the sources of a job in order, not to
/// say whether it can be built. Untrusted text.
/// </summary>
/// <param name="Makes">The packages that it makes, and what else they are known to provide.</param>
/// <param name="Needs">Groups of names; the first of a group that can be had will do.</param>
public sealed record SourceRelations(IReadOnlyCollection<string> Makes, IReadOnlyList<IReadOnlyList<string>> Needs);
