using PkgForge.Platforms;
using PkgForge.Server.Builds.Logs;
using PkgForge.Sources;

namespace PkgForge.Server.Builds.Debian;

/// <summary>What Debian's sources make and need, as they say themselves.</summary>
internal static class DebianRelations
{
    public static IReadOnlyList<SourceRelations> Of(
        PlatformKey platform,
        IReadOnlyList<SourcePackage> sources,
        BuildLog log
    )
    {
        SourceRelations Relations(DebianSource source) =>
            source.Relations(
                platform.Architecture,
                wrong => log.Say($"order: {source.FileName} {wrong}; it puts nothing in order")
            );
        return [.. sources.Cast<DebianSource>().Select(Relations)];
    }
}
