using AwesomeAssertions;
using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary><c>pkgforge rebuild</c> on real builds.</summary>
public sealed class RebuildTests : RealFarmTests
{
    [Theory]
    [InlineData(Debian, "greet_1.0-1.dsc", "same       libgreet1_1.0-1_amd64.deb")]
    [InlineData(Rpm, "greet-1.0-1.src.rpm", "same       greet-devel-1.0-1.tiny12.x86_64.rpm")]
    public async Task What_is_the_same_again_is_said_to_be(string platform, string source, string line)
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, BuilderOf(platform), "one", source);
        var before = Everything(farm);
        var output = $"{farm.Directory}/sources/again";

        var again = await RebuildAsync(farm, "one", platform, "--attempt", "1", "--output", output);

        again.ExitCode.Should().Be(0, "but it printed:\n{0}", again);
        again.Output.Should().Contain(line).And.NotContain("different").And.Contain(output);
        Everything(farm).Should().Equal(before, "registry, results and buckets are none of its business");
        Directory.EnumerateFiles(output).Should().HaveCountGreaterThan(2);
        NothingIsLeft(again.Id);
    }

    [Theory]
    [InlineData(Debian, "random_1.0_amd64.deb")]
    [InlineData(Rpm, "greet-random-1.0-1.tiny12.noarch.rpm")]
    public async Task What_is_different_is_said_to_be(string platform, string product)
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, BuilderOf(platform), "one", RandomSource.Of(farm, platform));

        var again = await RebuildAsync(farm, "one", platform, "--output", $"{farm.Directory}/sources/again");

        again.ExitCode.Should().Be(1, "but it printed:\n{0}", again);
        again.Output.Should().Contain($"different  {product}");
        NothingIsLeft(again.Id);
    }

    [Fact]
    public async Task Sources_that_need_each_other_are_built_again_in_their_order_with_one_line_for_each_product()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Deb1, "two", "greet-user_1.0.dsc", "greet_1.0-1.dsc");

        var again = await RebuildAsync(farm, "two", Debian, "--json", "--output", $"{farm.Directory}/sources/again");

        again.ExitCode.Should().Be(0, "but it printed:\n{0}", again);
        again
            .Output.Should()
            .Contain("\"same\": true")
            .And.MatchRegex("(?s)\"greet_1.0-1.dsc\".*\"greet-user_1.0.dsc\"");
    }

    [Fact]
    public async Task A_failure_fails_again_and_a_directory_that_is_not_named_is_made()
    {
        var farm = await MakeRealFarmAsync();
        await BuildAsync(farm, Rpm1, "bad", "greet-fail-1.0-1.src.rpm");

        var again = await RebuildAsync(farm, "bad", Rpm);

        again.ExitCode.Should().Be(0, "but it printed:\n{0}", again);
        again.Output.Should().Contain("greet-fail-1.0-1.src.rpm: test again");
        var made = again.Output.Split("products and log: ")[1].Trim();
        File.ReadAllText($"{made}/log").Should().Contain("rpmbuild --rebuild");
        Directory.Delete(made, recursive: true);
    }

    [Fact]
    public async Task A_layer_of_dependencies_that_is_gone_is_made_again_of_the_very_versions()
    {
        var farm = await MakeRealFarmAsync();
        var source = new NativeSource("needs-figlet", "figlet built > number.txt")
        {
            Files = new Dictionary<string, string> { ["number.txt"] = "none yet\n" },
            Needs = "figlet",
        };
        await BuildAsync(farm, Deb1, "one", source.Write($"{farm.Directory}/sources"));
        var layer = (await farm.DoAsync("record", "one")).Split("- name: \"")[1].Split('"')[0];
        layer.Should().StartWith("deps-");
        (await farm.DoAsync("record", "one")).Should().MatchRegex("\"figlet [^ ]+ amd64 sha256:[0-9a-f]{64}\"");
        await RemoveAsync($"{Cache.Work}/layers/{layer}");

        var again = await RebuildAsync(farm, "one", Debian, "--output", $"{farm.Directory}/sources/again");

        again.ExitCode.Should().Be(0, "but it printed:\n{0}", again);
        again.Error.Should().Contain($"layer {layer} is not on this machine: making it again");
        again.Output.Should().Contain("same       needs-figlet_1.0_amd64.deb");
        Directory.Exists($"{Cache.Work}/layers/{layer}").Should().BeTrue("it has its name again");
    }

    [Fact]
    public async Task An_attempt_without_a_record_and_one_without_a_root_are_told()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("plain", farm.Script("a", "product a.txt a"));
        await farm.WorkAsync();

        var rootless = await farm.TryAsync("rebuild", "plain");
        var unknown = await farm.TryAsync("rebuild", "plain", "dummy-all", "--attempt", "2");

        (rootless.ExitCode, unknown.ExitCode).Should().Be((1, 1));
        rootless.Error.Should().Contain("nothing was built in a root");
        unknown.Error.Should().Contain("/2/record.yml");
    }

    private string BuilderOf(string platform) => platform == Rpm ? Rpm1 : Deb1;

    private static async Task<(int ExitCode, string Output, string Error, int Id)> RebuildAsync(
        TestFarm farm,
        params string[] words
    )
    {
        var process = farm.Start(["rebuild", .. words]);
        var (exitCode, output, error) = await process.EndAsync(LongestBuild);
        return (exitCode, output, error, process.Id);
    }

    private static void NothingIsLeft(int process) =>
        Directory.EnumerateDirectories($"{Cache.Work}/visits", $"{process}-*").Should().BeEmpty();

    private static IEnumerable<string> Everything(TestFarm farm) =>
        farm.Files("spool")
            .Concat(farm.Files("buckets"))
            .Append(File.GetLastWriteTimeUtc($"{farm.Directory}/registry.db").ToString("O"));
}
