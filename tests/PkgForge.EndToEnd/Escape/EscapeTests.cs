using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>
/// Builds, and the scripts of packages that builds need, try to leave their root: each probe of <c>tests/escape</c> is a case
/// of its own. The same probes outside of a root show that they can find what they look for.
/// </summary>
/// <param name="run">All probes, run once.</param>
[Trait("category", "Real")]
public sealed class EscapeTests(EscapeRun run) : IClassFixture<EscapeRun>
{
    public static TheoryData<string> All => [.. Probes.All.Select(probe => probe.Name)];

    public static TheoryData<string, string> Controls =>
        new(Probes.All.Where(probe => probe.Control != "none").Select(probe => (probe.Control, probe.Name)));

    [Theory]
    [MemberData(nameof(All))]
    public void A_build_does_no_harm(string probe) => Verdict("build", probe).Should().StartWith("contained");

    [Theory]
    [MemberData(nameof(All))]
    public void A_script_of_a_dependency_does_no_harm(string probe) =>
        Verdict("install", probe).Should().StartWith("contained");

    [Theory]
    [MemberData(nameof(Controls))]
    public void Outside_of_a_root_the_same_probe_does_harm(string control, string probe) =>
        Verdict(control, probe).Should().StartWith("HARM");

    [Fact]
    public void The_host_is_as_it_was() => run.Harm.Should().BeEmpty();

    [Fact]
    public void The_job_that_tries_all_this_ends_well() => run.State.Should().Be("successful", run.Log);

    [Fact]
    public void The_page_of_isolation_lists_every_probe_and_no_other() =>
        IsolationPage.Probes.Should().BeEquivalentTo(Probes.All.Select(probe => probe.Name));

    private string Verdict(string context, string probe) =>
        run.Verdicts.GetValueOrDefault($"{context}/{probe}", "nothing was printed");
}
