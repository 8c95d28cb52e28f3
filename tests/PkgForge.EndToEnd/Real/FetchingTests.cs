using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Packages and lists are fetched by the machine's proxy, if it has one, and by nothing else.</summary>
public sealed class FetchingTests : OwnLayersTests
{
    [Fact]
    public async Task A_Debian_base_and_its_dependencies_come_by_the_proxy()
    {
        await MakeRealFarmAsync();
        var work = await MakeWorkAsync();
        var farm = await MakeFarmAsync(new() { Work = work, Recipes = "  bookworm-amd64: { format: debian }" });
        var proxy = await ForwardProxy.StartAsync(farm);
        await File.AppendAllTextAsync(farm.Configuration, $"\nproxy: {proxy.Address}\n");
        await farm.DoAsync("platform", "add", "bookworm", "amd64", "--auto");
        await farm.DoAsync("builder", "add", "own", "bookworm", "amd64");
        var source = new NativeSource("needy", "m4 --version") { Needs = "m4" };
        await SucceedAsync(farm, "needy", source.Write($"{farm.Directory}/sources"));

        var asked = proxy.Asked();
        asked.Should().Contain(line => line.Contains("/debian/dists/bookworm/InRelease", StringComparison.Ordinal));
        asked.Should().Contain(line => line.Contains("/dpkg-dev_", StringComparison.Ordinal), "of the base");
        asked.Should().Contain(line => line.Contains("/m4_", StringComparison.Ordinal), "a dependency");
    }

    [Fact]
    public async Task An_Rpm_base_and_its_dependencies_come_by_the_proxy_of_which_scripts_are_not_told()
    {
        var (farm, _) = await MakeOwnFarmAsync(mirror: ForwardProxy.Distribution);
        var proxy = await ForwardProxy.StartAsync(farm);
        await File.AppendAllTextAsync(farm.Configuration, $"\nproxy: {proxy.Address}\n");
        var told = await MadeSrpm.MakeAsync(farm, Spec("told", "%post\nenv > /etc/told.report"));
        var tells = await MadeSrpm.MakeAsync(
            farm,
            Spec("tells", "%build\ncat /etc/told.report", "BuildRequires: told, zstd")
        );
        var job = await BuildAsync(farm, "own", "told", told, tells);

        job.State.Should().Be("successful", await WhyAsync(farm, "told"));
        (await farm.DoAsync("log", "told")).Should().Contain("HOME=").And.NotContain("proxy");
        proxy.Asked().Should().Contain(line => line.Contains("/zstd-", StringComparison.Ordinal));
    }

    private static string Spec(string name, string script, string needs = "") =>
        $"""
            Name: {name}
            Version: 1.0
            Release: 1
            Summary: For the tests of a build farm
            License: MIT
            BuildArch: noarch
            {needs}
            %description
            A package for the tests of a build farm.
            {script}
            %files
            """;
}
