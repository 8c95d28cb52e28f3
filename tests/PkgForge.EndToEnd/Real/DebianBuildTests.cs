using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Debian source packages, built and published.</summary>
public sealed class DebianBuildTests : RealFarmTests
{
    [Fact]
    public async Task A_source_builds_with_what_the_source_before_it_has_made_and_installs_from_the_bucket()
    {
        var farm = await MakeRealFarmAsync(checks: "inform");
        var job = await BuildAsync(farm, Deb1, "two", "greet_1.0-1.dsc", "greet-user_1.0.dsc");

        job.State.Should().Be("successful", await WhyAsync(farm, "two"));
        (await farm.DoAsync("log", "two")).Should().MatchRegex("==> [0-9:]+ lintian: [0-9]+ errors, [0-9]+ warnings\n");
        Bucket
            .Debian(farm)
            .Where(name => !name.Contains("-dbgsym_"))
            .Should()
            .Equal(
                "greet-user_1.0_amd64.deb",
                "greet_1.0-1_amd64.deb",
                "libgreet-dev_1.0-1_amd64.deb",
                "libgreet1_1.0-1_amd64.deb"
            );
        (await BuildAsync(farm, Deb1, "later", "greet-user_1.0.dsc"))
            .State.Should()
            .Be("successful", "the bucket serves later jobs; {0}", await WhyAsync(farm, "later"));
        var install = Executable.AsUser([
            "bash",
            Cache.Example("install-deb"),
            $"{farm.Directory}/buckets/main/bookworm-amd64",
            Cache.Work,
            "greet-user",
        ]);
        var installed = await farm.Run(FarmProcess.Start(install)).EndAsync();
        installed.ExitCode.Should().Be(0, "but it printed:\n{0}", installed);
        installed.Output.Should().Contain("$ greet-user");
    }

    [Fact]
    public async Task The_order_of_sources_does_not_matter_when_failures_are_tried_again()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Deb1, "turned", "greet-user_1.0.dsc", "greet_1.0-1.dsc");

        job.State.Should().Be("successful", await WhyAsync(farm, "turned"));
    }

    [Fact]
    public async Task A_source_that_does_not_say_that_it_can_do_without_root_is_packed_by_what_looks_like_root()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Deb1, "rooted", "rooted_1.0.dsc");

        job.State.Should().Be("successful", await WhyAsync(farm, "rooted"));
    }

    [Fact]
    public async Task A_failing_test_is_named_as_the_cause_and_nothing_of_the_job_is_published()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Deb1, "bad", "greet_1.0-1.dsc", "greet-fail_1.0.dsc");

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("test", await WhyAsync(farm, "bad"));
        (await EvidenceAsync(farm, job)).Should().Contain("check");
        Bucket.Debian(farm).Should().BeEmpty("all of a task is published, or nothing");
        farm.Files("spool/results/bad/bookworm-amd64/1/products").Should().Contain("greet_1.0-1_amd64.deb");
    }

    [Fact]
    public async Task A_dependency_that_nobody_has_is_named()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Deb1, "never", "greet-unsatisfiable_1.0.dsc");

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("unsatisfiable-dependency", await WhyAsync(farm, "never"));
        (await EvidenceAsync(farm, job)).Should().Contain("nosuchthing-dev");
        (await farm.DoAsync("log", "never"))
            .Should()
            .NotContain("dpkg-buildpackage -", "nothing is built without its dependencies");
    }

    [Fact]
    public async Task A_job_for_both_families_builds_each_source_where_it_belongs()
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync("both", Cache.Source("good-quick_1.0.dsc"), Cache.Source("greet-noarch-1.0-1.src.rpm"));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, Deb1);
        await BuildAllAsync(farm, Rpm1);

        var job = await farm.StatusAsync("both");
        job.State.Should().Be("successful", job.ToString());
        job.Tasks!.Select(task => task.Platform).Should().Equal(Debian, Rpm);
        Bucket.Debian(farm).Should().Equal("good-quick_1.0_amd64.deb");
        Bucket.Rpm(farm).Should().ContainSingle().Which.Should().StartWith("greet-noarch-1.0-1");
    }

    /// <summary>What a process ignores, its children do: a builder of cron's, of <c>nohup</c> or of systemd would change what test suites see.</summary>
    [Fact]
    public async Task A_build_is_given_the_same_whatever_the_builder_was_started_with()
    {
        var farm = await MakeRealFarmAsync();
        var source = new NativeSource(
            "given",
            "grep ^SigIgn: /proc/self/status; umask; id -un; echo $USER $LOGNAME $SHELL"
        );
        await farm.SubmitAsync("given", source.Write($"{farm.Directory}/sources"));
        await farm.DoAsync("incoming");
        var start = Executable.Start(["buildd", "--name", Deb1, "-c", farm.Configuration]);
        string[] deaf =
        [
            "env",
            "--ignore-signal=INT,QUIT,HUP,PIPE,USR1",
            "sh",
            "-c",
            "umask 077; exec \"$@\"",
            "sh",
            start.FileName,
            .. start.ArgumentList,
        ];
        await farm.Run(FarmProcess.Start(Executable.Clean(deaf))).EndAsync(LongestBuild);

        // make starts commands by posix_spawn, which ignores the two that are the C library's own.
        (await farm.DoAsync("log", "given"))
            .Should()
            .MatchRegex("\nSigIgn:\t0000000[01][08]0000000\n")
            .And.Contain("\n0022\nbuilder\nbuilder builder /bin/sh\n");
    }
}
