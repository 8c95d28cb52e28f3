using PkgForge.Platforms;
using PkgForge.Registry;

namespace PkgForge.Web.Pages;

/// <summary>What the list of source packages shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Packages">A page of them.</param>
/// <param name="Search">What names are looked through for; null for all.</param>
/// <param name="Next">The address of the next page; null when this is the last.</param>
public sealed record PackagesView(
    PageFrame Frame,
    IReadOnlyList<PackageSummary> Packages,
    string? Search,
    string? Next
);

/// <summary>What the page of a source package shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Now">The time.</param>
/// <param name="Package">The package, with a page of its builds.</param>
/// <param name="Older">The address of the next page; null when this is the last.</param>
public sealed record PackageView(PageFrame Frame, DateTimeOffset Now, PackageHistory Package, string? Older)
{
    /// <summary>The platforms of the builds that are shown: the columns of their table.</summary>
    public IReadOnlyList<PlatformKey> Platforms { get; } =
    [
        .. Package
            .Builds.SelectMany(build => build.Tasks)
            .Select(task => task.Platform)
            .Distinct()
            .OrderBy(platform => platform.ToString(), StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>How long a task's attempt took, or has taken so far; null before the first.</summary>
    public TimeSpan? Taken(PackageTask task) => task.Started is { } started ? (task.Ended ?? Now) - started : null;
}
