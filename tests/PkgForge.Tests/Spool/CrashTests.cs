using System.Diagnostics;
using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

/// <summary>
/// Kills a real process at each fault point of the spool, then does what the next pass does, and looks for what is
/// lost or left behind. The process is this test program, told to run only <see cref="Submit_accept_and_remove"/>.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private const string RootVariable = "PKGFORGE_TEST_CRASH_ROOT";

    private readonly SpoolFixture farm = new();

    public static TheoryData<string> Points =>
        new(
            FaultPoints.All.Where(name =>
                (name.StartsWith("submit.") || name.StartsWith("accepted.") || name.StartsWith("incoming."))
                // These are the handler's, which the end-to-end tests kill.
                && name is not (FaultPoints.IncomingRegistered or FaultPoints.IncomingRejected)
            )
        );

    public void Dispose() => farm.Dispose();

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Killed_anywhere_a_job_is_there_whole_or_not_at_all(string point)
    {
        farm.HomeFiles();

        (await Run(point)).Should().Be(128 + 9, "the process kills itself at {0}", point);

        foreach (var name in farm.Entries("incoming").Where(name => name[0] != '.'))
            farm.Spool.Incoming.Find(name)!.Load().Outcome.Should().Be(LoadOutcome.Loaded);
        foreach (var name in farm.Entries("accepted").Where(name => name[0] != '.'))
        {
            var id = JobId.Parse(name);
            farm.Spool.Accepted.Read(id).Error.Should().BeNull();
            farm.Entries("accepted/" + name).Should().Equal("a.dsc", "a.tar.xz", "job.yml");
        }
        Remains(point).Should().BeTrue("at {0} the job was in one of the areas, or was never submitted", point);
        AcceptAgain();
        farm.Entries("accepted").Should().BeSubsetOf(["job-1"]);
        farm.Entries("incoming")
            .Should()
            .OnlyContain(name => name[0] == '.' && (name.EndsWith(".tmp") || name.EndsWith(".gone")));
    }

    [Fact]
    public async Task A_disk_that_is_full_just_before_the_rename_leaves_nothing()
    {
        farm.HomeFiles();

        (await Run(FaultPoints.SubmitBeforeRename + ":throw-io")).Should().NotBe(0);

        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_fault_point_the_job_is_accepted()
    {
        farm.HomeFiles();

        (await Run(null)).Should().Be(0);

        farm.Entries("accepted").Should().Equal("job-1");
        farm.Entries("incoming").Should().BeEmpty();
    }

    /// <summary>What the child process runs: the way of a job through the spool. Never run on its own.</summary>
    [Fact(Explicit = true)]
    public void Submit_accept_and_remove()
    {
        var root = Environment.GetEnvironmentVariable(RootVariable);
        Assert.SkipWhen(root is null, "run only as the child of the other tests of this class");
        var spool = SpoolDirectories.Under(root);
        string[] files = [root + "/home/a.dsc", root + "/home/a.tar.xz"];

        Submission.Place(farm.Job(), files, spool.Incoming.Path).Message.Should().BeNull();
        Accept(spool);
    }

    private static void Accept(SpoolDirectories spool)
    {
        foreach (var incoming in spool.Incoming.Discover().Jobs)
        {
            var loaded = incoming.Load().Loaded!;
            spool.Accepted.Remove(loaded.Job.Id);
            spool.Accepted.CopyPrivately(loaded).Copy!.Commit().Should().BeTrue();
            incoming.Remove();
        }
    }

    private void AcceptAgain() => Accept(farm.Spool);

    private bool Remains(string point) =>
        point is FaultPoints.SubmitDirectoryMade or FaultPoints.SubmitFilesCopied
        || point is FaultPoints.SubmitManifestWritten or FaultPoints.SubmitBeforeRename
        || farm.Entries("incoming").Contains("job-1")
        || farm.Entries("accepted").Contains("job-1");

    private async Task<int> Run(string? point)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(CrashTests).Assembly.Location);
        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*{nameof(CrashTests)}.{nameof(Submit_accept_and_remove)}");
        start.ArgumentList.Add("--explicit");
        start.ArgumentList.Add("only");
        start.Environment[RootVariable] = farm.Root;
        // The child's own fixture, which it does not live to remove.
        start.Environment["TMPDIR"] = farm.Home;
        if (point is not null)
            start.Environment[FaultPoint.Variable] = point;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        return process.ExitCode;
    }
}
