using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using PkgForge.Server.Builds.Roots;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>A platform is added by one command, and builds.</summary>
public sealed class PresetTests : RealFarmTests
{
    private static readonly TimeSpan Emulated = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task A_32_bit_platform_by_a_preset_builds_beside_its_64_bit_sister()
    {
        // In CI too: nothing can be installed that would change it.
        Assert.SkipUnless(NarrowProgram.Runs, "this machine refuses 32-bit programs");
        var farm = await MakeRealFarmAsync();
        var added = await farm.DoAsync("platform", "add", "bookworm", "i386", "--preset", "debian");
        added.Should().Contain("bookworm-i386: added").And.Contain($"{farm.Directory}/platforms/bookworm-i386.yml");
        // What is said in the file stands before the preset. (The security archive's index of i386 is not always whole on mirrors.)
        await AsFarmAsync(
            "sh",
            "-c",
            "echo 'repositories: { updates: \"http://deb.debian.org/debian bookworm-updates main\" }' >> \"$0\"",
            $"{farm.Directory}/platforms/bookworm-i386.yml"
        );
        (await farm.DoAsync("platform", "show", "bookworm", "i386"))
            .Should()
            .Contain("bookworm-updates")
            .And.NotContain("bookworm-security");
        await farm.DoAsync("builder", "add", $"{Deb1}-narrow", "bookworm", "i386");

        await farm.SubmitAsync("narrow", "-p", "bookworm", "-a", "i386", Cache.Source("good-quick_1.0.dsc"));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, $"{Deb1}-narrow");

        var job = await farm.StatusAsync("narrow");
        job.State.Should().Be("successful", await WhyAsync(farm, "narrow"));
        job.Tasks!.Select(task => task.Platform).Should().Equal("bookworm-i386");
        farm.Files("spool/results/narrow/bookworm-i386/1/products").Should().Contain("good-quick_1.0_i386.deb");
    }

    /// <summary>Making the root takes some minutes.</summary>
    [Fact]
    public async Task A_platform_of_another_architecture_builds_by_an_emulator()
    {
        Assert.SkipUnless(Probes.Long, "in the long form only");
        var machine = Keep(await EmulatingMachine.MakeAsync());
        var farm = await MakeRealFarmAsync();
        await farm.DoAsync("platform", "add", "bookworm", "arm64", "--preset", "debian");
        await farm.DoAsync("builder", "add", $"{Deb1}-far", "bookworm", "arm64");
        await farm.SubmitAsync("far", "-p", "bookworm", "-a", "arm64", Cache.Source("greet_1.0-1.dsc"));
        await farm.DoAsync("incoming");
        var built = await machine.Start(farm, "buildd", "--name", $"{Deb1}-far").EndAsync(Emulated);

        built.ExitCode.Should().Be(0, "but it printed:\n{0}", built);
        (await farm.StatusAsync("far")).State.Should().Be("successful", await WhyAsync(farm, "far"));
        farm.Files("spool/results/far/bookworm-arm64/1/products").Should().Contain("greet_1.0-1_arm64.deb");
    }

    [Fact]
    public async Task A_platform_whose_programs_cannot_run_here_is_refused_with_what_to_install()
    {
        Executable.Require(!File.Exists("/proc/sys/fs/binfmt_misc/qemu-s390x"), "this machine emulates s390x");
        (await WhyRefusedAsync("s390x"))
            .Should()
            .Contain("cannot run programs of s390x")
            .And.Contain("qemu-user-static");
    }

    /// <summary>Before anything is downloaded for the root; the task waits for another builder.</summary>
    [Fact]
    public async Task A_32_bit_platform_is_refused_by_a_machine_without_32_bit_programs()
    {
        Assert.SkipWhen(NarrowProgram.Runs, "this machine runs 32-bit programs");
        (await WhyRefusedAsync("i386"))
            .Should()
            .Contain("cannot run programs of i386")
            .And.Contain("CONFIG_IA32_EMULATION");
    }

    private async Task<string> WhyRefusedAsync(string architecture)
    {
        var farm = await MakeRealFarmAsync();
        await farm.DoAsync("platform", "add", "bookworm", architecture, "--preset", "debian");
        await farm.DoAsync("builder", "add", $"{Deb1}-far", "bookworm", architecture);
        await farm.SubmitAsync("far", "-p", "bookworm", "-a", architecture, Cache.Source("good-quick_1.0.dsc"));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, $"{Deb1}-far");
        return await farm.DoAsync("status", "far");
    }
}
