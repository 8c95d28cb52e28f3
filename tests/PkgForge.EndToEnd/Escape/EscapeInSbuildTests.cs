using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>The same on a farm whose Debian platform is built by sbuild.</summary>
public sealed class EscapeInSbuildRun : EscapeRun
{
    private protected override string DebianDriver
    {
        get
        {
            Executable.Require(File.Exists("/usr/bin/sbuild"), "sbuild is missing: tests/environment test installs it");
            return "sbuild";
        }
    }
}

/// <summary>The probes in roots that sbuild makes: what its own root does not hold back is on the page of isolation, and nothing else is.</summary>
/// <param name="run">All probes, run once.</param>
[Trait("category", "Real")]
public sealed class EscapeInSbuildTests(EscapeInSbuildRun run) : IClassFixture<EscapeInSbuildRun>
{
    [Theory]
    [InlineData("build", "build")]
    [InlineData("install", "script")]
    public void What_is_not_held_back_is_on_the_page_of_isolation(string context, string word)
    {
        var found = Probes
            .All.Select(probe => probe.Name)
            .Where(name => !Verdict(context, name).StartsWith("contained", StringComparison.Ordinal));

        found.Should().BeEquivalentTo(IsolationPage.InSbuild(word), run.Log[^2000..]);
    }

    [Fact]
    public void The_job_that_tries_all_this_ends_well() => run.State.Should().Be("successful", run.Log);

    [Fact]
    public void Files_processes_and_memory_of_the_host_are_as_they_were() =>
        run.Harm.Where(harm => !harm.Contains("has arrived", StringComparison.Ordinal)).Should().BeEmpty();

    private string Verdict(string context, string probe) =>
        run.Verdicts.GetValueOrDefault($"{context}/{probe}", "nothing was printed");
}
