using PkgForge.Sources;

namespace PkgForge.Server.Builds.Debian;

/// <summary>What the products of a Debian source say that they come from.</summary>
internal static class DebianOrigin
{
    /// <summary>What is wrong when they come from another source than the one that was accepted; or null.</summary>
    public static string? FindLie(SourcePackage source, IReadOnlyList<string> products)
    {
        // dpkg-buildpackage calls the file after debian/changelog; an epoch is not part of its name.
        var (name, version) = (source.Name!, source.Version!);
        var begin = $"{name}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}_";
        var other = products.FirstOrDefault(product =>
            product.EndsWith(".changes", StringComparison.Ordinal)
            && !product.StartsWith(begin, StringComparison.Ordinal)
        );
        return other is null
            ? null
            : $"the source says that it is {name} {version}, but what is in it has made {other}: debian/changelog has another name or version than {source.FileName}";
    }
}
