using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>The contract, kept by the scripted builder.</summary>
public sealed class DummyBuilderTests : PackageBuilderContract
{
    private protected override Task<TestFarm> MakeAsync(string more = "") => MakeFarmAsync(new() { More = more });

    private protected override string Builder => "b1";

    private protected override string Platform => "dummy-all";

    private protected override string Begun => "begun";

    private protected override string Behaving(TestFarm farm, string name) =>
        name switch
        {
            "bad-hang" => farm.Script(name, "print begun", "hang"),
            "bad-output" => farm.Script(name, "print-forever"),
            "bad-talk" => farm.Script(name, "sleep 600"),
            _ => farm.Script(name, "print nothing to do", $"product {name}.txt text"),
        };

    private protected override string Failing(TestFarm farm) =>
        farm.Script("greet-fail", "fail test the test has failed");
}

/// <summary>The contract, kept by the farm's own builder of Debian source packages.</summary>
public sealed class DebianBuilderTests : DebianContract;

/// <summary>The contract, kept by the farm's own builder of SRPMs.</summary>
public sealed class RpmBuilderTests : RpmContract;

/// <summary>The contract, kept by <c>sbuild</c>.</summary>
public sealed class SbuildBuilderTests : DebianContract
{
    private protected override string DebianDriver => "sbuild";

    /// <summary>It installs what they need for each build anew: they need little.</summary>
    private protected override (string, string, string) Sources(TestFarm farm)
    {
        var sources = Directory.CreateDirectory($"{farm.Directory}/sources").FullName;
        string Write(string name, string behaviour, string needs) =>
            new NativeSource(name, behaviour) { Needs = needs }.Write(sources);
        return (
            Write("needed", "m4 --version", "m4"),
            Write("needy", "cat /usr/share/needed/behaviour", "needed"),
            Write("never", "true", "m4, nosuchthing-dev")
        );
    }

    private protected override Task<TestFarm> MakeAsync(string more = "")
    {
        Executable.Require(
            File.Exists("/usr/bin/sbuild"),
            "sbuild is missing: tests/environment test installs it (Debian: sbuild)"
        );
        return base.MakeAsync(more);
    }

    [Fact]
    public async Task A_root_that_the_disk_has_room_for_and_memory_has_not_is_on_the_disk_and_goes_with_the_build()
    {
        var farm = await MakeAsync("limits: { top: disk }");
        var job = await BuildOneAsync(farm, "good", Behaving(farm, "good-quick"));

        job.State.Should().Be("successful", await WhyAsync(farm, "good"));
        (await farm.DoAsync("log", "good")).Should().Contain("its top is on the disk: so the configuration says");
        TopsOf(Deb1).Should().BeEmpty();
    }
}

/// <summary>The contract, kept by <c>mock</c>. No suite of Debian has it: where the tests usually run they are skipped.</summary>
public sealed class MockBuilderTests : RpmContract
{
    private const string Program = "/usr/libexec/mock/mock";

    private protected override string RpmDriver => "mock";

    private protected override Task<TestFarm> MakeAsync(string more = "")
    {
        RequireMock();
        return base.MakeAsync(more);
    }

    /// <summary>A visible skip, in CI too: the machines that the tests are for cannot have it.</summary>
    internal static void RequireMock() =>
        Assert.SkipUnless(
            File.Exists(Program),
            $"mock is not installed ({Program} is not there), and Debian has no package of it"
        );
}

/// <summary>A site that keeps its own configurations of <c>mock</c>.</summary>
public sealed class MockSiteTests : RealFarmTests
{
    private readonly string configurations = Directory.CreateTempSubdirectory("pkgforge-mock-").FullName;

    private protected override string RpmDriver => $"mock\n    mock_configurations: {configurations}";

    [Fact]
    public async Task The_configuration_of_platform_bucket_and_architecture_is_used_and_the_farms_repositories_with_it()
    {
        var farm = await MakeSiteAsync();
        await WriteAsync("tiny12-main-x86_64");
        var job = await BuildAsync(farm, Rpm1, "two", "greet-1.0-1.src.rpm", "greet-user-1.0-1.src.rpm");
        job.State.Should().Be("successful", await WhyAsync(farm, "two"));
        (await farm.DoAsync("log", "two")).Should().Contain("--root tiny12-main-x86_64");

        job = await BuildAsync(farm, Rpm1, "later", "greet-user-1.0-1.src.rpm");
        job.State.Should().Be("successful", "the bucket serves later jobs; {0}", await WhyAsync(farm, "later"));
    }

    [Fact]
    public async Task A_configuration_that_is_missing_is_named_and_the_task_waits()
    {
        var farm = await MakeSiteAsync();
        await farm.SubmitAsync("none", Cache.Source("greet-noarch-1.0-1.src.rpm"));
        await farm.DoAsync("incoming");
        var said = await farm.Start("buildd", "--name", Rpm1).EndAsync(LongestBuild);

        said.ToString().Should().Contain($"there is no {configurations}/tiny12-main-x86_64.cfg");
        (await farm.StatusAsync("none")).Task.State.Should().Be("needs build", "it is no failure of the package");
    }

    private Task<TestFarm> MakeSiteAsync()
    {
        MockBuilderTests.RequireMock();
        File.SetUnixFileMode(configurations, (UnixFileMode)0b111_101_101);
        Keep(new Removed(configurations));
        return MakeRealFarmAsync();
    }

    private Task WriteAsync(string name) =>
        File.WriteAllTextAsync(
            $"{configurations}/{name}.cfg",
            $"""
            config_opts['root'] = '{name}'
            config_opts['target_arch'] = 'x86_64'
            config_opts['legal_host_arches'] = ('x86_64',)
            config_opts['package_manager'] = 'dnf4'
            config_opts['dnf4_command'] = '/usr/bin/dnf'
            config_opts['use_bootstrap'] = False
            config_opts['plugin_conf']['root_cache_enable'] = False
            config_opts['chroot_setup_cmd'] = 'install rpm-build bash coreutils shadow-utils util-linux which'
            config_opts['dnf.conf'] = '[main]\nreposdir=/dev/null\ngpgcheck=0\nassumeyes=1\nbest=1\n[tiny]\nname=tiny\nbaseurl=file://{Cache.Distribution}\n'

            """
        );

    private sealed class Removed(string directory) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Directory.Delete(directory, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
