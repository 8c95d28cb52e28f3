using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class SubmissionTests : IDisposable
{
    private readonly SpoolFixture farm = new();

    public void Dispose() => farm.Dispose();

    private SubmissionResult Place(Job job, IEnumerable<string> paths) =>
        Submission.Place(job, paths, farm.Spool.Incoming.Path);

    [Fact]
    public void A_submitted_job_is_in_incoming_whole()
    {
        var job = farm.Job();
        var result = Place(job, farm.HomeFiles());

        result.Should().Be(new SubmissionResult(SubmissionOutcome.Placed, farm.Spool.Incoming.Path + "/job-1", null));
        farm.Entries("incoming").Should().Equal("job-1");
        farm.Entries("incoming/job-1").Should().Equal("a.dsc", "a.tar.xz", "job.yml");
        File.ReadAllText(result.Path + "/a.dsc").Should().Be("content");
        Manifest.Read(File.ReadAllBytes(result.Path + "/job.yml")).Job.Should().BeEquivalentTo(job);
    }

    [Fact]
    public void Modes_do_not_depend_on_the_users_umask()
    {
        var path = Place(farm.Job(), farm.HomeFiles()).Path!;

        Convert.ToString((int)FileSystem.Status(path)!.Mode, 8).Should().Be("770");
        Convert.ToString((int)FileSystem.Status(path + "/a.dsc")!.Mode, 8).Should().Be("640");
        Convert.ToString((int)FileSystem.Status(path + "/job.yml")!.Mode, 8).Should().Be("640");
    }

    [Fact]
    public void An_id_that_waits_already_is_refused_and_its_job_untouched()
    {
        Place(farm.Job(), farm.HomeFiles());
        var result = Place(farm.Job(content: "other"), farm.HomeFiles("other"));

        result.Outcome.Should().Be(SubmissionOutcome.IdInUse);
        result.Message.Should().Contain("'job-1' is waiting in");
        farm.Entries("incoming").Should().Equal("job-1");
        File.ReadAllText(farm.Spool.Incoming.Path + "/job-1/a.dsc").Should().Be("content");
    }

    [Fact]
    public void A_file_that_is_not_what_the_manifest_says_is_refused_by_name()
    {
        var result = Place(farm.Job(), farm.HomeFiles("CONTENT"));

        result.Outcome.Should().Be(SubmissionOutcome.Failed);
        result.Message.Should().Contain("home/a.dsc").And.Contain("SHA-256").And.Contain("submit again");
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Theory]
    [InlineData("longer than before", "has more than 7 bytes; the manifest says 7")]
    [InlineData("short", "has only 5 bytes; the manifest says 7")]
    public void A_file_of_another_size_is_refused_by_name(string content, string expected)
    {
        Place(farm.Job(), farm.HomeFiles(content)).Message.Should().Contain(expected);
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void A_file_without_a_path_is_refused_by_name() =>
        Place(farm.Job(), farm.HomeFiles()[..1]).Message.Should().StartWith("'a.tar.xz' was given 0 times");

    [Fact]
    public void A_file_that_is_gone_is_a_message_and_nothing_is_left()
    {
        var paths = farm.HomeFiles();
        File.Delete(paths[0]);

        var result = Place(farm.Job(), paths);

        result.Outcome.Should().Be(SubmissionOutcome.Failed);
        result.Message.Should().Contain(paths[0]);
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void A_directory_in_place_of_a_file_is_refused()
    {
        var paths = farm.HomeFiles();
        File.Delete(paths[0]);
        Directory.CreateDirectory(paths[0]);

        Place(farm.Job(), paths).Message.Should().Contain(paths[0]);
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void An_illegal_job_is_refused_before_anything_is_written()
    {
        var result = Place(farm.Job() with { Bucket = "A" }, farm.HomeFiles());

        result.Message.Should().StartWith("bucket is 'A'");
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void A_farm_that_is_not_set_up_is_said_so()
    {
        var result = Submission.Place(farm.Job(), farm.HomeFiles(), farm.Root + "/nowhere");

        result.Outcome.Should().Be(SubmissionOutcome.Failed);
        result.Message.Should().Contain("nowhere").And.Contain("pkgforge initserver");
    }

    [Fact]
    public void A_cancelled_submission_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();

        var place = () => Submission.Place(farm.Job(), farm.HomeFiles(), farm.Spool.Incoming.Path, cancel.Token);

        place.Should().Throw<OperationCanceledException>();
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void A_full_disk_is_a_clear_message_and_nothing_is_left()
    {
        using var disk = SmallDisk.TryMount(farm.Root + "/small");
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        var content = new string('x', 3_000_000);

        var result = Submission.Place(farm.Job(content: content), farm.HomeFiles(content), disk!.Path);

        result.Outcome.Should().Be(SubmissionOutcome.Failed);
        result.Message.Should().StartWith($"the disk of {disk.Path} is full");
        Directory.EnumerateFileSystemEntries(disk.Path).Should().BeEmpty();
    }
}
