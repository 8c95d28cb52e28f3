using AwesomeAssertions;
using PkgForge.Platforms;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.Tests.Builds;

public sealed class TopHistoryTests : IDisposable
{
    private static readonly PlatformKey Platform = new("bookworm", "amd64");

    private readonly string root = Directory.CreateTempSubdirectory("pkgforge-tops-").FullName;
    private readonly TopHistory history;

    public TopHistoryTests() => history = new(root);

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void The_last_build_of_a_source_on_a_platform_is_known_and_no_other()
    {
        history.Of(Platform, "hello").Should().BeNull();
        history.Note(Platform, "hello", 5_000_000_000);
        history.Note(Platform, "hello", 6_000_000_000);

        new TopHistory(root).Of(Platform, "hello").Should().Be(6_000_000_000);
        history.Of(new("bookworm", "i386"), "hello").Should().BeNull();
        history.Of(Platform, "other").Should().BeNull();
    }

    [Fact]
    public void What_cannot_be_noted_is_not_known_and_fails_no_build()
    {
        File.WriteAllText($"{root}/tops", "no directory");

        history.Note(Platform, "hello", 1);

        history.Of(Platform, "hello").Should().BeNull();
    }

    [Fact]
    public void What_was_not_built_for_long_is_forgotten()
    {
        history.Note(Platform, "old", 1);
        File.SetLastWriteTimeUtc(
            Directory.GetFiles($"{root}/tops")[0],
            new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)
        );
        history.Note(Platform, "new", 2);

        history.Forget(new DateTime(2021, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        history.Of(Platform, "old").Should().BeNull();
        history.Of(Platform, "new").Should().Be(2);
    }
}
