using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;
using Xunit;

namespace PkgForge.Tests.Builds;

/// <summary>What a package has put in the way does not lead out of the top.</summary>
public sealed class LayerPartTests : IDisposable
{
    private readonly string place = Directory.CreateTempSubdirectory("pkgforge-part-").FullName;

    [Fact]
    public async Task What_is_taken_away_is_taken_away_in_the_top_only()
    {
        foreach (var directory in new[] { "other/cache/apt", "root/var/lib/apt", "root/etc", "root/cache/apt", "work" })
            await File.WriteAllTextAsync($"{Directory.CreateDirectory($"{place}/{directory}").FullName}/file", "x");
        File.CreateSymbolicLink($"{place}/root/var/cache", "../../other/cache");
        File.CreateSymbolicLink($"{place}/root/pkgforge", "../other");

        await Tool.RequireAsync(
            LayerPart.Without("var/cache/apt", "var/lib/apt", "etc/file", "pkgforge", "nothing/here").Pick(place),
            default
        );

        Directory
            .EnumerateFileSystemEntries(place, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(place, path))
            .Should()
            .BeEquivalentTo(
                "other",
                "other/cache",
                "other/cache/apt",
                "other/cache/apt/file",
                "root",
                "root/cache",
                "root/cache/apt",
                "root/cache/apt/file",
                "root/etc",
                "root/var",
                "root/var/cache",
                "root/var/cache/apt",
                "root/var/cache/apt/file",
                "root/var/lib"
            );
    }

    public void Dispose() => Directory.Delete(place, recursive: true);
}
