namespace PkgForge.Records;

/// <summary>A package that is installed in one root and not, or in another version, in another.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Before">Its version in the one; null where it is not there. Of a name that is there several times all of them.</param>
/// <param name="After">Its version in the other. The same as before when only the file is another.</param>
public sealed record PackageChange(string Name, string Architecture, string? Before, string? After);

/// <summary>What was installed in the roots of builds.</summary>
public static class RootPackages
{
    /// <summary>What was installed in the root of a build, by name: what its layers add, from the lowest up, without what they take away.</summary>
    public static IReadOnlyList<RecordedPackage> Of(AttemptRecord record, RecordedBuild build)
    {
        var layers = record
            .Layers.DistinctBy(layer => layer.Name)
            .ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var there = new Dictionary<(string Name, string Version, string Architecture), RecordedPackage>();
        foreach (var name in build.Layers.Reverse())
        {
            if (!layers.TryGetValue(name, out var layer))
                continue;
            foreach (var package in layer.Without)
                there.Remove(package.Key);
            foreach (var package in layer.Packages)
                there[package.Key] = package;
        }
        return
        [
            .. there
                .Values.OrderBy(package => package.Name, StringComparer.Ordinal)
                .ThenBy(package => package.Architecture, StringComparer.Ordinal)
                .ThenBy(package => package.Version, StringComparer.Ordinal),
        ];
    }

    /// <summary>What is different between two roots, by name.</summary>
    public static IReadOnlyList<PackageChange> Compare(
        IReadOnlyList<RecordedPackage> before,
        IReadOnlyList<RecordedPackage> after
    )
    {
        var (old, now) = (ByName(before), ByName(after));
        return
        [
            .. old.Select(packages => packages.Key)
                .Union(now.Select(packages => packages.Key))
                .Where(key => !IsSame([.. old[key]], [.. now[key]]))
                .OrderBy(key => key.Name, StringComparer.Ordinal)
                .ThenBy(key => key.Architecture, StringComparer.Ordinal)
                .Select(key => new PackageChange(key.Name, key.Architecture, Versions(old[key]), Versions(now[key]))),
        ];
    }

    private static ILookup<(string Name, string Architecture), RecordedPackage> ByName(
        IReadOnlyList<RecordedPackage> packages
    ) => packages.ToLookup(package => (package.Name, package.Architecture));

    private static bool IsSame(IReadOnlyList<RecordedPackage> before, IReadOnlyList<RecordedPackage> after) =>
        before.Count == after.Count && before.Zip(after).All(pair => pair.First.IsSame(pair.Second));

    private static string? Versions(IEnumerable<RecordedPackage> packages) =>
        string.Join(", ", packages.Select(package => package.Version)) is { Length: > 0 } versions ? versions : null;
}
