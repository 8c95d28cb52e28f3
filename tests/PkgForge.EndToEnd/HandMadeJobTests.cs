using System.Text;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Whatever somebody puts into <c>incoming</c> by hand: taken, rejected with a reason, or waited for.</summary>
public sealed class HandMadeJobTests : FarmTests
{
    public static TheoryData<string, string, string> BadManifests =>
        new()
        {
            { "unknown key", "{0}colour: red\n", "colour" },
            { "wrong type", "{0}scratch: [1, 2]\n", "scratch" },
            { "newer version", "version: 9\n", "version" },
            { "not yaml", "{{ : [", "job.yml" },
            { "empty", "", "job.yml" },
            {
                "bomb",
                "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n",
                "job.yml"
            },
            { "deep", "{DEEP}", "job.yml" },
            { "other id", "{0}", "expected the directory's name" },
        };

    [Theory]
    [MemberData(nameof(BadManifests))]
    public async Task A_bad_manifest_is_rejected_with_its_reason(string kind, string manifest, string reason)
    {
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "bad");
        var text = manifest
            .Replace("{0}", job.Manifest, StringComparison.Ordinal)
            .Replace("{DEEP}", new string('[', 200_000), StringComparison.Ordinal);
        if (kind == "other id")
            text = text.Replace("\"bad\"", "\"good\"", StringComparison.Ordinal);
        await job.With(text, HandMadeJob.Source).PutAsync();
        await farm.SubmitAsync("next", farm.Script("a", "print a"));
        await farm.WorkAsync();

        var status = await farm.StatusAsync("bad");
        status.State.Should().Be("invalid");
        status.Reason.Should().Contain(reason);
        (await farm.StatusAsync("next")).State.Should().Be("successful", "one rejected job does not hold up the next");
        farm.Files("spool/incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task A_good_job_made_by_hand_is_taken()
    {
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "by-hand");
        await job.With(job.Manifest, HandMadeJob.Source).PutAsync();
        await farm.WorkAsync();

        (await farm.StatusAsync("by-hand")).State.Should().Be("successful");
    }

    [Fact]
    public async Task A_half_copied_job_is_waited_for_and_taken_when_it_is_complete()
    {
        var farm = await MakeFarmAsync(new() { More = "wait_for_job: 30s" });
        var daemon = farm.Start("incoming", "--daemon");
        await daemon.SaysAsync("incoming is running");
        var job = new HandMadeJob(farm, "slow");
        await job.With(null, HandMadeJob.Source[..5]).PutAsync();
        await daemon.SaysAsync("job.yml is missing", TimeSpan.FromSeconds(10));
        await job.AddAsync("job.yml", Encoding.UTF8.GetBytes(job.Manifest));
        await daemon.SaysAsync("only 5 bytes", TimeSpan.FromSeconds(10));
        (await farm.StatusAsync("slow")).State.Should().Be("incoming");
        await job.AddAsync("hand.dummy", HandMadeJob.Source);

        (await farm.UntilAsync("slow", status => status.State != "incoming", 10)).State.Should().Be("registered");
    }

    [Fact]
    public async Task A_job_that_never_becomes_complete_is_rejected_in_the_end()
    {
        var farm = await MakeFarmAsync(new() { More = "wait_for_job: 2s" });
        var job = new HandMadeJob(farm, "half");
        await job.With(job.Manifest, HandMadeJob.Source[..5]).PutAsync();
        await farm.DoAsync("incoming");
        (await farm.StatusAsync("half")).State.Should().Be("incoming", "it is younger than wait_for_job");
        var daemon = farm.Start("incoming", "--daemon");

        var status = await farm.FinalAsync("half", 15);
        status.State.Should().Be("invalid");
        status.Reason.Should().Contain("only 5 bytes");
        await daemon.StopAsync();
    }

    [Theory]
    [InlineData("link", "symbolic link")]
    [InlineData("fifo", "FIFO")]
    [InlineData("directory", "directory")]
    public async Task Only_regular_files_are_taken(string kind, string reason)
    {
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "odd").With(null, null);
        job.With(job.Manifest, null);
        var path = $"{job.Aside}/hand.dummy";
        if (kind == "link")
            File.CreateSymbolicLink(path, "/etc/shadow");
        else
            await TestFarm.AsTestsAsync(kind == "fifo" ? "mkfifo" : "mkdir", path);
        await job.PutAsync();
        await farm.DoAsync("incoming");

        var status = await farm.StatusAsync("odd");
        status.State.Should().Be("invalid");
        status.Reason.Should().Contain("hand.dummy").And.Contain(reason);
        farm.Files("spool/incoming").Should().BeEmpty();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    public async Task What_is_no_directory_is_removed_with_a_reason(string kind)
    {
        var farm = await MakeFarmAsync();
        var path = $"{farm.Directory}/sources/odd";
        if (kind == "file")
            await File.WriteAllTextAsync(path, "x");
        else
            File.CreateSymbolicLink(path, farm.Directory);
        await farm.GiveAsync(path);
        await TestFarm.AsTestsAsync("mv", "-T", "--", path, $"{farm.Incoming}/odd");
        await farm.DoAsync("incoming");

        (await farm.StatusAsync("odd")).Reason.Should().Contain("expected a directory");
        File.Exists(farm.Configuration).Should().BeTrue("nothing is removed through a link");
        farm.Files("spool/incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task A_job_in_the_name_of_another_is_rejected()
    {
        Executable.RequireRoot("only root can give a directory away");
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "stolen");
        await job.With(job.Manifest, HandMadeJob.Source).PutAsync("nobody");
        await TestFarm.AsTestsAsync("chmod", "-R", "a+rwX", job.Place);
        await farm.DoAsync("incoming");

        var status = await farm.StatusAsync("stolen");
        status.State.Should().Be("invalid");
        status.Submitter.Should().Be("nobody", "whose the directory is, whatever the manifest says");
        status.Reason.Should().Contain("expected the directory's owner, 'nobody'");
    }

    [Fact]
    public async Task What_the_farm_may_not_remove_holds_up_nobody()
    {
        Executable.RequireRoot("only root can give a directory away");
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "sticky");
        await job.With(job.Manifest, HandMadeJob.Source).PutAsync("nobody");
        await farm.DoAsync("incoming");
        (await farm.StatusAsync("sticky")).State.Should().Be("invalid");
        await farm.SubmitAsync("next", farm.Script("a", "print a"));
        await farm.WorkAsync();
        (await farm.StatusAsync("next")).State.Should().Be("successful");

        await farm.GiveAsync(farm.Incoming);
        await farm.DoAsync("incoming");
        Directory.EnumerateFileSystemEntries(farm.Incoming).Should().BeEmpty("it goes once the farm may remove it");
    }

    [Fact]
    public async Task A_hundred_thousand_files_are_rejected_and_removed()
    {
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "many");
        job.With(job.Manifest, HandMadeJob.Source);
        for (var i = 0; i < 100_000; i++)
            File.OpenHandle($"{job.Aside}/{i}", FileMode.CreateNew, FileAccess.Write).Dispose();
        await job.PutAsync();
        await farm.DoAsync("incoming");

        (await farm.StatusAsync("many")).Reason.Should().Contain("more than 10000 files");
        farm.Files("spool").Should().BeEmpty();
    }

    [Fact]
    public async Task A_job_that_vanishes_during_the_scan_is_forgotten()
    {
        var farm = await MakeFarmAsync();
        var job = new HandMadeJob(farm, "gone");
        await job.With(job.Manifest, HandMadeJob.Source).PutAsync();
        var pass = farm.StartAt("accepted.directory-made:pause", "incoming");
        await pass.SaysAsync("waits");
        Directory.Move(job.Place, $"{job.Aside}.taken-back");
        pass.Send(Signal.Continue);

        (await pass.EndAsync()).ExitCode.Should().Be(0);
        (await farm.TryAsync("status", "gone")).ExitCode.Should().Be(1, "no trace of it is left");
        farm.Files("spool/accepted").Where(path => path != ".incoming.lock").Should().BeEmpty();
    }

    [Fact]
    public async Task A_full_disk_leaves_a_job_in_incoming_until_there_is_room()
    {
        Executable.RequireRoot("only root can mount a small disk as the accepted area");
        var farm = await MakeFarmAsync();
        var filler = $"name fill 1.0\n{string.Concat(Enumerable.Repeat($"# {new string('x', 1000)}\n", 60))}";
        for (var i = 1; i <= 3; i++)
        {
            await File.WriteAllTextAsync($"{farm.Directory}/sources/f{i}.dummy", filler);
            await farm.SubmitAsync($"fill-{i}", $"{farm.Directory}/sources/f{i}.dummy");
        }
        await farm.SubmitAsync("small", farm.Script("small", "print a"));
        // The disk is in a mount namespace of this one process: nobody else sees it, and it goes with the process.
        const string Script = """
            mount -t tmpfs -o size=100k,mode=777 tmpfs "$1"; shift
            "$@"; status=$?
            ls "$ACCEPTED" >&2; exit $status
            """;
        var command = Executable.Start(["incoming", "-c", farm.Configuration]);
        var accepted = $"{farm.Spool}/accepted";
        var start = Executable.Clean([
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "--",
            "sh",
            "-c",
            Script,
            "sh",
            accepted,
            command.FileName,
            .. command.ArgumentList,
        ]);
        start.Environment["ACCEPTED"] = accepted;
        var full = await farm.Run(FarmProcess.Start(start)).EndAsync();

        full.ExitCode.Should().Be(0, "a full disk is trouble that passes: {0}", full);
        full.Error.Should().Contain("fill-2 stays in incoming").And.Contain("small");
        (await farm.StatusAsync("fill-1")).State.Should().Be("registered");
        (await farm.StatusAsync("fill-2")).State.Should().Be("incoming", "it was neither taken nor rejected");
        (await farm.StatusAsync("small")).State.Should().Be("registered", "the next ones get their turn");
        await farm.DoAsync("incoming");
        (await farm.StatusAsync("fill-3")).State.Should().Be("registered");
    }
}
