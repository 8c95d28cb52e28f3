using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class AcceptedTests : IDisposable
{
    private readonly SpoolFixture farm = new();

    public void Dispose() => farm.Dispose();

    private LoadedJob Loaded() => farm.Submit().Load().Loaded!;

    [Fact]
    public void A_copy_is_there_only_once_committed_and_whole()
    {
        var loaded = Loaded();
        var copy = farm.Spool.Accepted.CopyPrivately(loaded).Copy!;
        farm.Spool.Accepted.Contains(loaded.Job.Id).Should().BeFalse();

        copy.Commit().Should().BeTrue();

        farm.Entries("accepted").Should().Equal("job-1");
        farm.Entries("accepted/job-1").Should().Equal("a.dsc", "a.tar.xz", "job.yml");
        farm.Spool.Accepted.Read(loaded.Job.Id).Job.Should().BeEquivalentTo(loaded.Job);
        var path = farm.Spool.Accepted.PathOf(loaded.Job.Id);
        Convert.ToString((int)FileSystem.Status(path)!.Mode, 8).Should().Be("755");
        Convert.ToString((int)FileSystem.Status(path + "/a.dsc")!.Mode, 8).Should().Be("644");
    }

    [Fact]
    public void A_copy_shares_nothing_with_the_users_directory()
    {
        var loaded = Loaded();
        var copy = farm.Spool.Accepted.CopyPrivately(loaded).Copy!;
        File.WriteAllText(loaded.Source.Path + "/a.dsc", "CHANGED");
        File.WriteAllText(loaded.Source.Path + "/job.yml", "CHANGED");

        File.ReadAllText(copy.Path + "/a.dsc").Should().Be("content");
        File.ReadAllBytes(copy.Path + "/job.yml").Should().Equal(loaded.Manifest);
    }

    [Theory]
    [InlineData("CONTENT", "'a.dsc' has the SHA-256")]
    [InlineData("conten", "'a.dsc' has only 6 bytes; the manifest says 7")]
    [InlineData("contentt", "'a.dsc' has more than 7 bytes; the manifest says 7")]
    public void A_file_that_has_changed_since_loading_is_rejected_by_name(string content, string expected)
    {
        var loaded = Loaded();
        File.WriteAllText(loaded.Source.Path + "/a.dsc", content);

        var result = farm.Spool.Accepted.CopyPrivately(loaded);

        result.Outcome.Should().Be(CopyOutcome.Rejected);
        result.Message.Should().StartWith(expected);
        farm.Entries("accepted").Should().BeEmpty();
    }

    [Fact]
    public void A_file_exchanged_for_a_link_is_rejected()
    {
        var loaded = Loaded();
        File.Delete(loaded.Source.Path + "/a.dsc");
        File.CreateSymbolicLink(loaded.Source.Path + "/a.dsc", farm.Home + "/a.dsc");

        var result = farm.Spool.Accepted.CopyPrivately(loaded);

        result.Outcome.Should().Be(CopyOutcome.Rejected);
        result.Message.Should().Contain("'a.dsc' is not a regular file that the farm may read");
        farm.Entries("accepted").Should().BeEmpty();
    }

    [Fact]
    public void A_job_exchanged_for_a_link_is_not_followed()
    {
        var loaded = Loaded();
        Directory.Move(loaded.Source.Path, farm.Home + "/moved");
        File.CreateSymbolicLink(loaded.Source.Path, farm.Home + "/moved");

        farm.Spool.Accepted.CopyPrivately(loaded).Outcome.Should().Be(CopyOutcome.Vanished);
        farm.Entries("accepted").Should().BeEmpty();
    }

    [Fact]
    public void A_job_that_vanishes_leaves_nothing()
    {
        var loaded = Loaded();
        loaded.Source.Remove();

        farm.Spool.Accepted.CopyPrivately(loaded).Outcome.Should().Be(CopyOutcome.Vanished);
        farm.Entries("accepted").Should().BeEmpty();
    }

    [Fact]
    public void What_a_crash_has_left_is_in_the_way_until_it_is_removed()
    {
        var loaded = Loaded();
        farm.Spool.Accepted.CopyPrivately(loaded);

        farm.Spool.Accepted.CopyPrivately(loaded).Outcome.Should().Be(CopyOutcome.InTheWay);
        farm.Spool.Accepted.Remove(loaded.Job.Id);
        farm.Spool.Accepted.CopyPrivately(loaded).Outcome.Should().Be(CopyOutcome.Copied);
    }

    [Fact]
    public void An_accepted_job_is_never_replaced()
    {
        var loaded = Loaded();
        farm.Spool.Accepted.CopyPrivately(loaded).Copy!.Commit();
        var again = farm.Spool.Accepted.CopyPrivately(loaded).Copy!;

        again.Commit().Should().BeFalse();
        again.Discard();
        farm.Entries("accepted").Should().Equal("job-1");
        farm.Spool.Accepted.Remove(loaded.Job.Id);
        farm.Entries("accepted").Should().BeEmpty();
    }

    [Fact]
    public void A_full_disk_is_the_farms_fault_and_leaves_nothing()
    {
        var content = new string('x', 3_000_000);
        Submission.Place(farm.Job(content: content), farm.HomeFiles(content), farm.Spool.Incoming.Path);
        var loaded = farm.Spool.Incoming.Find("job-1")!.Load().Loaded!;
        using var disk = SmallDisk.TryMount(farm.Root + "/small");
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");

        var copy = () => new AcceptedArea(disk!.Path).CopyPrivately(loaded);

        PosixException.IsDiskFull(copy.Should().Throw<IOException>().Which).Should().BeTrue();
        Directory.EnumerateFileSystemEntries(disk!.Path).Should().BeEmpty();
    }

    [Fact]
    public void Cancelling_leaves_nothing()
    {
        var loaded = Loaded();
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        var copy = () => farm.Spool.Accepted.CopyPrivately(loaded, cancel.Token);

        copy.Should().Throw<OperationCanceledException>();
        farm.Entries("accepted").Should().BeEmpty();
    }
}
