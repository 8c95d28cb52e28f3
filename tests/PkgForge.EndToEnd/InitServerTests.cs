using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary><c>initserver</c>: what it makes, verifies and clears.</summary>
public sealed class InitServerTests : FarmTests
{
    [Fact]
    public async Task It_is_safe_to_repeat_and_says_what_it_puts_right()
    {
        var farm = await MakeFarmAsync();
        (await farm.DoAsync("initserver")).Trim().Should().Be("everything is as it must be");

        await TestFarm.AsTestsAsync("chmod", "777", farm.Incoming);
        (await farm.DoAsync("initserver")).Should().Contain($"{farm.Incoming}: mode is now 3770");

        Convert.ToString((int)File.GetUnixFileMode(farm.Incoming), 8).Should().Be("3770");
        (await farm.DoAsync("initserver")).Trim().Should().Be("everything is as it must be");
    }

    [Fact]
    public async Task The_first_account_is_an_admins_and_is_made_once()
    {
        var farm = await MakeFarmAsync();
        var name = Executable.User.Name;
        (await farm.DoAsync("account", "list")).Should().Contain(name).And.Contain("admin");

        await farm.DoAsync("account", "role", name, "--role", "viewer");
        (await farm.DoAsync("initserver"))
            .Trim()
            .Should()
            .Be("everything is as it must be", "who is what is up to them");
        (await farm.DoAsync("initserver", "--admin", "anna"))
            .Should()
            .Contain("pkgforge account add anna --role admin");
        (await farm.DoAsync("account", "list")).Should().NotContain("anna");
        await farm.DoAsync("account", "remove", name);
        (await farm.DoAsync("initserver", "--admin", "anna"))
            .Should()
            .Contain("account anna: made, an admin")
            .And.Contain("pkgforge account token anna");

        (await farm.DoAsync("initserver", "--admin", "anna")).Trim().Should().Be("everything is as it must be");
        (await farm.DoAsync("account", "token", "anna")).Should().StartWith("pfa_");
        (await farm.TryAsync("initserver", "--admin", "Anna")).ExitCode.Should().Be(2);
    }

    [Fact]
    public async Task Zap_says_what_it_would_delete_and_deletes_it_only_when_told()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("done", farm.Script("a", "product a.txt a"));
        await farm.WorkAsync();
        await farm.SubmitAsync("waiting", farm.Script("b", "print b"));

        var said = await farm.DoAsync("initserver", "--zap");
        said.Should()
            .Contain("1 rows of job")
            .And.Contain($"1 entries of {farm.Incoming}")
            .And.Contain("nothing was deleted");
        (await farm.StatusAsync("done")).State.Should().Be("successful");

        (await farm.DoAsync("initserver", "--zap", "--yes")).Should().EndWith("deleted\n");
        (await farm.DoAsync("status")).Should().Contain("no jobs yet");
        farm.Files("spool").Should().BeEmpty();
        (await farm.DoAsync("platform", "list")).Should().Contain("dummy", "platforms stay");
        (await farm.DoAsync("initserver", "--zap")).Should().Contain("nothing to delete");
    }

    [Fact]
    public async Task A_builder_name_that_is_none_is_refused_before_anything_is_made()
    {
        var farm = await MakeFarmAsync();
        var result = await farm.TryAsync("buildd", "--name", "../x");

        result.ExitCode.Should().Be(2);
        result.Error.Should().Contain("not a builder's name");
        Directory.Exists($"{farm.Work}/x").Should().BeFalse();
    }
}
