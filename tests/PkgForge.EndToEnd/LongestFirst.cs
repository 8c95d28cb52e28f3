using PkgForge.EndToEnd;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Machines;
using PkgForge.EndToEnd.Real;
using PkgForge.EndToEnd.Web;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace PkgForge.EndToEnd;

/// <summary>The classes that take minutes begin first: one that began last would run on alone when all others have ended.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // The longest first.
    private static readonly Type[] Long =
    [
        typeof(InstallingGuideTests),
        typeof(SbuildBuilderTests),
        typeof(StackedLayerTests),
        typeof(LayerTests),
        typeof(RealCrashTests),
        typeof(BadInputTests),
        typeof(FetchingTests),
        typeof(DependencyTests),
        typeof(DebianBuilderTests),
        typeof(AppearanceTests),
        typeof(RebuildTests),
        typeof(MemoryLimitTests),
        typeof(RpmBuilderTests),
        typeof(BombTests),
        typeof(DebianBuildTests),
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections
    )
        where TTestCollection : ITestCollection =>
        [
            .. testCollections.OrderBy(collection =>
                Array.FindIndex(
                    Long,
                    type => collection.TestCollectionDisplayName.Contains($".{type.Name} ", StringComparison.Ordinal)
                )
                    is >= 0
                        and var place
                    ? place
                    : Long.Length
            ),
        ];
}
