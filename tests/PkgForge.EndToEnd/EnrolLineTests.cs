using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>The line that <c>builder enrol</c> prints can be run on the other machine, or it is said why not.</summary>
public sealed class EnrolLineTests : FarmTests
{
    [Theory]
    [InlineData("{ url: \"https://forge.example.org:8160\" }", "https://forge.example.org:8160", "", "")]
    [InlineData("{ listen: [\"https://192.0.2.1:8160\"] }", "https://192.0.2.1:8160", "", "")]
    [InlineData("{ listen: [\"http://192.0.2.1:8160\"] }", "http://192.0.2.1:8160", " --insecure", "")]
    [InlineData("{ listen: [\"http://127.0.0.1:8160\"] }", "http://127.0.0.1:8160", "", "cannot reach*'url:'*'serve:'")]
    public async Task It_names_the_server_and_how_it_may_be_reached(
        string serve,
        string server,
        string insecure,
        string warning
    )
    {
        var farm = await MakeFarmAsync(new() { More = $"serve: {serve}" });
        var result = await farm.TryAsync("builder", "enrol", "b1");

        result.ExitCode.Should().Be(0, "it printed {0}", result);
        result
            .Output.Should()
            .MatchRegex($"^pkgforge buildd --server {server} --enrol [a-z0-9-]+{insecure} --daemon\n$");
        if (warning.Length == 0)
            result.Error.Should().BeEmpty();
        else
            result.Error.Should().Match($"*{warning}*");
    }

    [Fact]
    public async Task Without_an_address_of_the_server_there_is_none()
    {
        var farm = await MakeFarmAsync(new() { More = "serve: { listen: [\"unix:/run/pkgforge/serve.sock\"] }" });
        var result = await farm.TryAsync("builder", "enrol", "b9", "dummy", "all");

        (result.ExitCode, result.Output).Should().Be((3, ""));
        result.Error.Should().Contain("'url:' in section 'serve:'");
        (await farm.DoAsync("builder", "list")).Should().NotContain("b9");
    }
}
