namespace PkgForge.Server.Builds;

/// <summary>A dependency layer that has a part of the packages that a source needs, and nothing else.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Lines">The packages that it has over the base, as its set names them, a line each.</param>
/// <param name="Of">Those that are needed, in the same way.</param>
internal sealed record PartOfSet(string Layer, IReadOnlyList<string> Lines, IReadOnlyList<string> Of)
{
    /// <summary>
    /// So a line ends of a package that the farm has built. What lies over such a part is worked out and fetched by tools that this package may have changed, with a network that no package is
    /// to have: such a layer is never a part.
    /// </summary>
    public const string Farm = " farm";

    /// <summary>Null when the layer has something that is not in the set, or that the farm has built, or has nothing.</summary>
    /// <param name="layer">Its name.</param>
    /// <param name="has">Its set.</param>
    /// <param name="needed">The set that is needed.</param>
    public static PartOfSet? From(string layer, string has, string needed)
    {
        string[] lines = has.Split('\n');
        string[] all = needed.Split('\n');
        return
            has.Length > 0
            && !Array.Exists(lines, line => line.EndsWith(Farm, StringComparison.Ordinal))
            && !lines.Except(all, StringComparer.Ordinal).Any()
            ? new(layer, lines, all)
            : null;
    }

    /// <summary>True when a set is what the layer leaves.</summary>
    public bool IsRest(string set) =>
        Of.Except(Lines, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal).SetEquals(set.Split('\n'));
}
