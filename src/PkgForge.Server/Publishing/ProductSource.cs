using PkgForge.Sources;

namespace PkgForge.Server.Publishing;

/// <summary>Of which source package of a job a package is: builders tell what a task made, not what each source made.</summary>
internal static class ProductSource
{
    /// <summary>
    /// The main file of the source: the job's only one; else the one with whose version the package's name goes on; else the one with whose name it begins.
    /// Null where that is none, or more than one.
    /// </summary>
    public static string? Of(string package, IReadOnlyList<string> sources)
    {
        if (sources is [var only])
            return only;
        var same = sources.Where(source => HasVersion(package, SourceName.VersionOf(source))).ToList();
        if (same is [var single])
            return single;
        var named = (same.Count > 0 ? same : sources)
            .Where(source =>
                SourceName.Of(source) is { Length: > 0 } name && package.StartsWith(name, StringComparison.Ordinal)
            )
            .GroupBy(source => SourceName.Of(source).Length)
            .MaxBy(group => group.Key);
        return named is not null && named.Count() == 1 ? named.First() : null;
    }

    /// <summary>What a repository takes of a task's products, and of which source of the job each is.</summary>
    public static IReadOnlyDictionary<string, string?> Taken(
        BucketRepository repository,
        IEnumerable<ProductFile> products,
        IReadOnlyList<string> sources
    ) =>
        products
            .Select(product => product.Product.FileName)
            .Where(repository.Takes)
            .ToDictionary(name => name, name => Of(name, sources), StringComparer.Ordinal);

    /// <summary><c>NAME_VERSION_ARCH.deb</c>, <c>NAME-VERSION.ARCH.rpm</c>.</summary>
    private static bool HasVersion(string package, string version) =>
        version.Length > 0
        && (
            package.Contains($"_{version}_", StringComparison.Ordinal)
            || package.Contains($"-{version}.", StringComparison.Ordinal)
        );
}
