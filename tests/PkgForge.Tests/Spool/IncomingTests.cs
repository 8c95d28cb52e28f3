using AwesomeAssertions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Spool;
using Xunit;

namespace PkgForge.Tests.Spool;

public sealed class IncomingTests : IDisposable
{
    private const uint Stranger = 12345;

    private readonly SpoolFixture farm = new();

    public void Dispose() => farm.Dispose();

    private string Path(string name) => farm.Spool.Incoming.Path + "/" + name;

    private LoadResult Load(string name = "job-1") => farm.Spool.Incoming.Find(name)!.Load();

    private void Rejected(string expected, string name = "job-1")
    {
        var result = Load(name);

        result.Message.Should().Contain(expected);
        result.Outcome.Should().Be(LoadOutcome.Rejected);
        result.Loaded.Should().BeNull();
    }

    private void Incomplete(string expected)
    {
        var result = Load();

        result.Message.Should().Contain(expected);
        result.Outcome.Should().Be(LoadOutcome.Incomplete);
        result.NewestChange.Should().BeAfter(DateTimeOffset.UnixEpoch);
    }

    /// <summary>A file system stamps what changes with the time of the kernel's last tick: two jobs may have the same.</summary>
    private void AwaitLaterThan(string name)
    {
        var submitted = farm.Spool.Incoming.Find(name)!.Changed;
        var probe = Path($".{name}.tick");
        do
        {
            File.WriteAllBytes(probe, []);
        } while (FileSystem.Status(probe)!.Changed <= submitted);
        File.Delete(probe);
    }

    private static void NeedsRoot() => Assert.SkipWhen(Accounts.EffectiveUser != 0, "giving files away needs root");

    [Fact]
    public void A_submitted_job_is_loaded()
    {
        var job = farm.Job();
        farm.Submit(job);

        var result = Load();

        result.Outcome.Should().Be(LoadOutcome.Loaded);
        result.Loaded!.Job.Should().BeEquivalentTo(job);
        result.Owner.Should().Be(farm.Me);
        result.ManifestSha256.Should().Be(result.Loaded.ManifestSha256).And.HaveLength(64);
    }

    [Fact]
    public void Jobs_are_listed_oldest_first_without_hidden_ones()
    {
        farm.Submit(farm.Job("b"));
        AwaitLaterThan("b");
        farm.Submit(farm.Job("a"));
        Directory.CreateDirectory(Path(".c.x.tmp"));
        Directory.CreateDirectory(Path("lost+found"));

        var listing = farm.Spool.Incoming.Discover();

        listing.Jobs.Select(job => job.Name).Should().Equal("b", "a");
        listing.Stale.Should().BeEmpty();
        listing.Truncated.Should().BeFalse();
    }

    [Fact]
    public void What_a_dead_submission_left_is_stale_after_a_day()
    {
        Directory.CreateDirectory(Path(".c.x.tmp"));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(25));

        var stale = new IncomingArea(farm.Spool.Incoming.Path, time: time).Discover().Stale;

        stale.Select(entry => entry.Name).Should().Equal(".c.x.tmp");
        stale[0].Remove();
        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void A_listing_is_bounded()
    {
        for (var i = 0; i <= IncomingArea.MaxEntries; i++)
            File.WriteAllBytes(Path($"x{i}"), []);

        var listing = farm.Spool.Incoming.Discover();

        listing.Truncated.Should().BeTrue();
        listing.Jobs.Should().HaveCount(IncomingArea.MaxEntries);
    }

    [Fact]
    public void A_job_without_manifest_is_incomplete()
    {
        Directory.CreateDirectory(Path("job-1"));

        Incomplete("job.yml is missing");
    }

    [Fact]
    public void A_job_with_a_missing_file_is_incomplete()
    {
        farm.Submit();
        File.Delete(Path("job-1/a.dsc"));

        Incomplete("'a.dsc' is missing");
    }

    [Fact]
    public void A_job_with_a_half_copied_file_is_incomplete()
    {
        farm.Submit();
        File.WriteAllText(Path("job-1/a.dsc"), "con");

        Incomplete("'a.dsc' has only 3 bytes; the manifest says 7");
    }

    [Fact]
    public void A_job_with_a_copying_tools_hidden_file_is_incomplete()
    {
        farm.Submit();
        File.WriteAllText(Path("job-1/.a.dsc.Xy12"), "con");

        Incomplete("'.a.dsc.Xy12' is not in the manifest");
    }

    [Fact]
    public void A_job_that_is_gone_has_vanished()
    {
        var job = farm.Submit();
        Directory.Delete(job.Path, recursive: true);

        job.Load().Outcome.Should().Be(LoadOutcome.Vanished);
    }

    [Fact]
    public void A_file_in_place_of_a_job_is_rejected()
    {
        File.WriteAllText(Path("job-1"), "");

        Rejected("'job-1' is a file; expected a directory");
    }

    [Fact]
    public void A_link_in_place_of_a_job_is_rejected()
    {
        farm.Submit(farm.Job("other"));
        File.CreateSymbolicLink(Path("job-1"), Path("other"));

        Rejected("'job-1' is a symbolic link; expected a directory");
    }

    [Fact]
    public void A_name_that_is_no_id_is_rejected()
    {
        Directory.CreateDirectory(Path("a b"));

        Rejected("the name 'a b' is not a job id", "a b");
    }

    [Fact]
    public void A_larger_file_is_rejected()
    {
        farm.Submit();
        File.AppendAllText(Path("job-1/a.dsc"), "x");

        Rejected("'a.dsc' has 8 bytes; the manifest says 7");
    }

    [Fact]
    public void A_file_that_is_not_in_the_manifest_is_rejected()
    {
        farm.Submit();
        File.WriteAllText(Path("job-1/extra"), "x");

        Rejected("'extra' is not in the manifest");
    }

    [Fact]
    public void A_directory_in_a_job_is_rejected()
    {
        farm.Submit();
        Directory.CreateDirectory(Path("job-1/sub"));

        Rejected("'sub' is a directory; expected regular files only");
    }

    [Theory]
    [InlineData("a.dsc")]
    [InlineData("job.yml")]
    public void A_link_in_a_job_is_rejected(string name)
    {
        farm.Submit();
        File.Move(Path("job-1/" + name), farm.Home + "/moved");
        File.CreateSymbolicLink(Path("job-1/" + name), farm.Home + "/moved");

        Rejected($"'{name}' is a symbolic link; expected regular files only");
    }

    [Fact]
    public async Task A_fifo_in_a_job_is_rejected_and_nobody_waits_for_it()
    {
        farm.Submit();
        File.Delete(Path("job-1/job.yml"));
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path("job-1/job.yml")]))
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);

        Rejected("'job.yml' is a FIFO, a socket or a device");
    }

    [Fact]
    public void A_job_with_too_many_files_is_rejected_without_counting_them_all()
    {
        farm.Submit();
        for (var i = 0; i < JobRules.MaxFiles; i++)
            File.WriteAllBytes(Path($"job-1/{i}"), []);

        Rejected("more than 10000 files");
    }

    [Fact]
    public void A_job_whose_manifest_is_wrong_is_rejected_with_its_line()
    {
        farm.Submit();
        File.WriteAllText(Path("job-1/job.yml"), "version: 1\ncolour: red\n");

        Rejected("job.yml: line 2: unknown key 'colour'");
    }

    [Fact]
    public void A_job_under_another_name_than_its_id_is_rejected()
    {
        farm.Submit();
        Directory.Move(Path("job-1"), Path("job-2"));

        Rejected("id is 'job-1'; expected the directory's name, 'job-2'", "job-2");
    }

    [Fact]
    public void A_job_in_the_name_of_somebody_else_is_rejected()
    {
        farm.Submit(farm.Job() with { Submitter = "somebody" });

        Rejected($"submitter is 'somebody'; expected the directory's owner, '{farm.Me}'");
        Load().Claimed!.Submitter.Should().Be("somebody");
    }

    [Fact]
    public void A_trusted_user_may_submit_in_the_name_of_others()
    {
        farm.Submit(farm.Job() with { Submitter = "somebody" });
        var area = new IncomingArea(farm.Spool.Incoming.Path, new HashSet<uint> { Accounts.CurrentUser });

        area.Find("job-1")!.Load().Outcome.Should().Be(LoadOutcome.Loaded);
    }

    [Fact]
    public void A_job_of_somebody_else_is_rejected()
    {
        NeedsRoot();
        farm.Submit();
        foreach (var path in Directory.EnumerateFiles(Path("job-1")).Append(Path("job-1")))
            FileSystem.ChangeOwner(path, Stranger, Stranger);

        Rejected("expected the directory's owner, uid 12345, which has no account here");
    }

    [Fact]
    public void A_file_of_somebody_else_in_a_job_is_rejected()
    {
        NeedsRoot();
        farm.Submit();
        FileSystem.ChangeOwner(Path("job-1/a.dsc"), Stranger, Stranger);

        Rejected("'a.dsc' belongs to uid 12345, which has no account here, the directory to 'root'");
    }

    [Fact]
    public void A_removed_job_leaves_nothing()
    {
        var job = farm.Submit();
        job.Remove();
        job.Remove();

        farm.Entries("incoming").Should().BeEmpty();
    }

    [Fact]
    public void A_removed_link_leaves_what_it_leads_to()
    {
        var kept = farm.Write("home/kept/file", "x");
        File.CreateSymbolicLink(Path("job-1"), farm.Home + "/kept");

        farm.Spool.Incoming.Find("job-1")!.Remove();

        File.Exists(kept).Should().BeTrue();
        farm.Entries("incoming").Should().BeEmpty();
    }
}
