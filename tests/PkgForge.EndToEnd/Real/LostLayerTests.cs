using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>Rebuilds whose layers were removed meanwhile.</summary>
public sealed class LostLayerTests : OwnLayersTests
{
    private const string Source = "greet-1.0-1.src.rpm";

    [Fact]
    public async Task Layers_that_are_gone_are_made_again_of_the_very_packages_and_the_product_is_the_same()
    {
        var (farm, work) = await BuiltAsync();
        var (first, second) = (Layer(work, "base-"), Layer(work, "deps-"));
        await RemoveAsync(second);
        await RemoveAsync(first);

        var again = await AgainAsync(farm);

        again.ExitCode.Should().Be(0, "but it printed:\n{0}", again);
        again.Output.Should().Contain("same       greet-1.0-1.tiny12.x86_64.rpm");
        (Layer(work, "base-"), Layer(work, "deps-")).Should().Be((first, second), "they have their names again");
    }

    [Fact]
    public async Task A_layer_that_cannot_be_made_again_is_named_with_the_reason()
    {
        var (farm, work) = await BuiltAsync();
        var gone = Layer(work, "deps-");
        await RemoveAsync(gone);
        await AsFarmAsync("mv", "--", $"{work}/repo/repodata", $"{work}/repo/away");
        await AsFarmAsync(
            "sh",
            "-c",
            "rm \"$0\"/[g]cc*.rpm \"$0\"/*/[g]cc*.rpm 2> /dev/null; createrepo_c -q \"$0\"",
            $"{work}/repo"
        );

        var again = await AgainAsync(farm);

        again.ExitCode.Should().Be(1, "but it printed:\n{0}", again);
        again.Error.Should().Contain($"layer {Path.GetFileName(gone)} is not on this machine any more");
        again.Error.Should().Contain("gcc");
        Directory.EnumerateDirectories($"{work}/visits").Should().BeEmpty();
    }

    private async Task<(TestFarm Farm, string Work)> BuiltAsync()
    {
        var (farm, work) = await MakeOwnFarmAsync();
        (await BuildAsync(farm, "own", "one", Source)).State.Should().Be("successful", await WhyAsync(farm, "one"));
        return (farm, work);
    }

    private static Task<CommandResult> AgainAsync(TestFarm farm) =>
        farm.Start("rebuild", "one", Rpm, "--output", $"{farm.Directory}/sources/again").EndAsync(LongestBuild);
}
