using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>SRPMs, built and published.</summary>
public sealed class RpmBuildTests : RealFarmTests
{
    [Fact]
    public async Task A_source_builds_with_what_the_source_before_it_has_made_and_installs_from_the_bucket()
    {
        var farm = await MakeRealFarmAsync(checks: "inform");
        var job = await BuildAsync(farm, Rpm1, "two", "greet-1.0-1.src.rpm", "greet-user-1.0-1.src.rpm");

        job.State.Should().Be("successful", await WhyAsync(farm, "two"));
        (await farm.DoAsync("log", "two")).Should().MatchRegex("==> [0-9:]+ rpmlint: [0-9]+ errors, [0-9]+ warnings\n");
        Bucket
            .Rpm(farm)
            .Should()
            .OnlyHaveUniqueItems()
            .And.Contain(name => name.StartsWith("greet-user-1.0-1"))
            .And.Contain(name => name.StartsWith("greet-1.0-1"));
        (await BuildAsync(farm, Rpm1, "later", "greet-user-1.0-1.src.rpm"))
            .State.Should()
            .Be("successful", "the bucket serves later jobs; {0}", await WhyAsync(farm, "later"));
        var install = Executable.AsUser([
            "bash",
            Cache.Example("install-rpm"),
            $"{farm.Directory}/buckets/main/tiny12-x86_64",
            Cache.Distribution,
            "greet-user",
        ]);
        var installed = await farm.Run(FarmProcess.Start(install)).EndAsync();
        installed.ExitCode.Should().Be(0, "but it printed:\n{0}", installed);
        installed.Output.Should().Contain("$ greet-user");
    }

    [Fact]
    public async Task The_script_of_a_package_has_no_network_and_only_the_rights_that_rpm_needs()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Rpm1, "nosy", "greet-nosy-1.0-1.src.rpm", "greet-nosy-user-1.0-1.src.rpm");

        job.State.Should().Be("successful", await WhyAsync(farm, "nosy"));
        var seen = (await farm.DoAsync("log", "nosy"))
            .Split('\n')
            .Where(line => line.StartsWith("NOSY: ", StringComparison.Ordinal))
            .Select(line => line[6..].Trim())
            .ToList();
        // chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, sys_chroot, setfcap.
        seen.Should().Contain("CapBnd:\t00000000800401fb").And.Contain("Seccomp:\t2");
        seen.Skip(4).Should().Equal(["lo"], "the first lines of /proc/net/dev are its headings");
    }

    [Fact]
    public async Task A_failing_check_is_named_as_the_cause()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Rpm1, "bad", "greet-fail-1.0-1.src.rpm");

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("test", await WhyAsync(farm, "bad"));
        (await EvidenceAsync(farm, job)).Should().Contain("check");
        Bucket.Rpm(farm).Should().BeEmpty();
    }

    [Fact]
    public async Task A_dependency_that_nobody_has_is_named()
    {
        var farm = await MakeRealFarmAsync();
        var job = await BuildAsync(farm, Rpm1, "never", "greet-unsatisfiable-1.0-1.src.rpm");

        job.State.Should().Be("failed");
        job.Task.Last.Cause.Should().Be("unsatisfiable-dependency", await WhyAsync(farm, "never"));
        (await EvidenceAsync(farm, job)).Should().Contain("nosuchthing-devel");
    }
}
