using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Platforms;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class ResultsTests : IDisposable
{
    private static readonly JobId Id = JobId.Parse("job-1");
    private static readonly PlatformKey Platform = new("bookworm", "amd64");

    private readonly SpoolFixture farm = new();

    public void Dispose() => farm.Dispose();

    private string Create() => farm.Spool.Results.Open(Id, Platform, 2).Path;

    [Fact]
    public void The_directory_of_an_attempt_is_made_once_and_readable_to_all()
    {
        var path = Create();

        path.Should().Be(farm.Root + "/results/job-1/bookworm-amd64/2");
        Create().Should().Be(path);
        Convert.ToString((int)FileSystem.Status(path)!.Mode, 8).Should().Be("755");
    }

    [Fact]
    public void A_platform_that_is_no_platform_makes_no_path() =>
        FluentActions
            .Invoking(() => farm.Spool.Results.PathOf(Id, new("../x", "amd64"), 1))
            .Should()
            .Throw<ArgumentException>();

    [Fact]
    public void A_link_in_the_way_of_a_results_directory_is_refused()
    {
        File.CreateSymbolicLink(farm.Root + "/results/job-1", farm.Home);

        FluentActions.Invoking(Create).Should().Throw<PosixException>();
        farm.Entries("home").Should().BeEmpty();
    }

    [Fact]
    public void A_file_is_moved_in()
    {
        var product = farm.Write("home/a.deb", "deb");

        var path = ResultsArea.MoveIn(Create(), product);

        File.ReadAllText(path).Should().Be("deb");
        File.Exists(product).Should().BeFalse();
    }

    [Fact]
    public void A_file_is_moved_in_from_another_file_system()
    {
        using var disk = SmallDisk.TryMount(farm.Root + "/small");
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        var product = farm.Write("small/a.deb", "deb");

        var path = ResultsArea.MoveIn(Create(), product);

        File.ReadAllText(path).Should().Be("deb");
        File.Exists(product).Should().BeFalse();
        farm.Entries("results/job-1/bookworm-amd64/2").Should().Equal("a.deb");
    }

    [Fact]
    public void A_link_is_not_moved_in()
    {
        File.CreateSymbolicLink(farm.Root + "/a.deb", farm.Write("home/secret", "x"));

        FluentActions.Invoking(() => ResultsArea.MoveIn(Create(), farm.Root + "/a.deb")).Should().Throw<IOException>();
        farm.Entries("results/job-1/bookworm-amd64/2").Should().BeEmpty();
    }
}
