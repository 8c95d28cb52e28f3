using System.Text.RegularExpressions;
using AwesomeAssertions;
using Xunit;

namespace PkgForge.EndToEnd.Real;

/// <summary>
/// Dependency layers of RPM sources that need something of their bucket, which moves with each publication: what dnf plans tells which layer it will be, before anything
/// is installed.
/// </summary>
public sealed partial class PlannedLayerTests : OwnLayersTests
{
    private const string Random = "greet-random-1.0-1.src.rpm";
    private const string RandomUser = "greet-random-user-1.0-1.src.rpm";

    [Fact]
    public async Task What_is_published_beside_it_does_not_make_a_source_install_again_what_it_needs()
    {
        var (farm, work) = await MakeOwnFarmAsync();
        await SucceedAsync(farm, "random", Random);
        await SucceedAsync(farm, "first", RandomUser);
        var layer = Layer(work, "deps-");
        await SucceedAsync(farm, "beside", Quick);

        await SucceedAsync(farm, "second", RandomUser);

        (await farm.DoAsync("log", "first")).Should().Contain("Running transaction");
        (await farm.DoAsync("log", "second"))
            .Should()
            .Contain("dependencies: working them out", "the bucket has moved")
            .And.NotContain("Running transaction");
        Layer(work, "deps-").Should().Be(layer);
    }

    [Fact]
    public async Task Another_package_of_the_same_name_and_version_in_a_bucket_makes_another_layer()
    {
        var (farm, _) = await MakeOwnFarmAsync();
        await SucceedAsync(farm, "random", Random);
        await SucceedAsync(farm, "first", RandomUser);
        await SucceedAsync(farm, "other", Random);

        await SucceedAsync(farm, "second", RandomUser);

        var (first, second) = (await farm.DoAsync("log", "first"), await farm.DoAsync("log", "second"));
        Number().IsMatch(first).Should().BeTrue(first);
        Number().Match(second).Value.Should().NotBe(Number().Match(first).Value).And.NotBeEmpty();
    }

    [GeneratedRegex("^NUMBER: .+$", RegexOptions.Multiline)]
    private static partial Regex Number();
}
