using System.Security.Cryptography;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>What is built again is the same again, byte by byte.</summary>
public sealed class ReproducibleTests : RealFarmTests
{
    [Theory]
    [InlineData("greet_1.0-1.dsc", ".deb")]
    [InlineData("greet-1.0-1.src.rpm", ".rpm")]
    public async Task Packages_of_one_source_and_root_are_the_same_whenever_they_are_built(string source, string suffix)
    {
        var farm = await MakeRealFarmAsync();
        var first = await DigestsAsync(farm, "first", source, suffix);
        // Times in packages are of whole seconds, and of RPM's build of even ones.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var second = await DigestsAsync(farm, "second", source, suffix);

        first.Should().NotBeEmpty();
        second.Should().BeEquivalentTo(first);
    }

    [Theory]
    [InlineData(Debian, "1793534400", "/build/source", "C.UTF-8")]
    [InlineData(Rpm, "1793491200", "/build/rpm/BUILD/greet-noarch-1.0", "C")]
    public async Task Time_path_locale_umask_and_host_name_are_fixed(
        string platform,
        string epoch,
        string path,
        string locale
    )
    {
        var farm = await MakeRealFarmAsync();
        await farm.SubmitAsync("fixed", "--scratch", RandomSource.Of(farm, platform));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, platform == Rpm ? Rpm1 : Deb1);

        (await farm.DoAsync("log", "fixed"))
            .Split('\n')
            .Where(line => line.StartsWith("FIXED: ", StringComparison.Ordinal))
            .Select(line => line[7..])
            .Should()
            .Equal(
                [$"epoch {epoch}", $"path {path}", $"locale {locale}", "umask 0022", "host builder"],
                await WhyAsync(farm, "fixed")
            );
    }

    private async Task<Dictionary<string, string>> DigestsAsync(TestFarm farm, string id, string source, string suffix)
    {
        var builder = suffix == ".deb" ? Deb1 : Rpm1;
        await farm.SubmitAsync(id, "--scratch", Cache.Source(source));
        await farm.DoAsync("incoming");
        await BuildAllAsync(farm, builder);
        (await farm.StatusAsync(id)).State.Should().Be("successful", await WhyAsync(farm, id));
        return Directory
            .EnumerateFiles($"{farm.Spool}/results/{id}", $"*{suffix}", SearchOption.AllDirectories)
            .ToDictionary(
                path => Path.GetFileName(path),
                path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))
            );
    }
}
