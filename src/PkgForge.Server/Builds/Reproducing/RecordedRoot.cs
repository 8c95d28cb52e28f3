using PkgForge.Records;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.Server.Builds.Reproducing;

/// <summary>The root of a build that was, as its record tells.</summary>
/// <param name="Layers">Its layers, the uppermost first; at least the base.</param>
/// <param name="Earlier">A directory with the products of the job, of which it may have needed some; null if there is none.</param>
public sealed record RecordedRoot(IReadOnlyList<RecordedLayer> Layers, string? Earlier)
{
    /// <summary>What all layers over the base have over it, as one layer with the name of the uppermost. There must be one.</summary>
    public RecordedLayer Dependencies =>
        Layers
            .SkipLast(1)
            .Aggregate(
                (upper, lower) =>
                    upper with
                    {
                        Packages =
                        [
                            .. lower.Packages.ExceptBy(upper.Without.Select(package => package.Key), p => p.Key),
                            .. upper.Packages,
                        ],
                        Without =
                        [
                            .. lower.Without,
                            .. upper.Without.ExceptBy(lower.Packages.Select(package => package.Key), p => p.Key),
                        ],
                    }
            );
}

/// <summary>A root that is open, for somebody to look in.</summary>
/// <param name="Root">The session.</param>
/// <param name="Failure">Why the build in it failed; null if it did not, or was not run.</param>
/// <param name="InTree">Makes a step of a command: as the build's own user, where the build was, with its environment and limits.</param>
public sealed record OpenedRoot(RootSession Root, BuildOutcome? Failure, Func<IReadOnlyList<string>, Step> InTree);

/// <summary>A layer is not on this machine, and cannot be made again as it was; the message says which, and why.</summary>
public sealed class LayerGoneException(string message) : Exception(message);
