using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.EndToEnd.Real;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>The same on a platform of RPM packages.</summary>
public sealed class EscapeInRpmRun : EscapeRun
{
    private const string Probing = $$"""
        Name: probes
        Version: 1.0
        Release: 1
        Summary: Tries what a build must not be able to do
        License: MIT
        BuildArch: noarch
        Source0: probe
        Source1: targets
        BuildRequires: perl-base
        Requires: perl-base
        %description
        A package for the tests of a build farm.
        %build
        perl %{SOURCE0} build %{SOURCE1} < /dev/null
        %install
        install -D -m 644 %{SOURCE0} %{buildroot}/usr/share/probes/probe
        install -D -m 644 %{SOURCE1} %{buildroot}/usr/share/probes/targets
        %post
        {{Install}} | cat > /etc/probes.report
        %files
        /usr/share/probes
        """;

    private const string After = """
        Name: after
        Version: 1.0
        Release: 1
        Summary: Needs the package that tries it
        License: MIT
        BuildArch: noarch
        BuildRequires: probes
        %description
        A package for the tests of a build farm.
        %build
        # dnf does not tell what a script prints.
        cat /etc/probes.report
        %files
        """;

    private protected override string Builder => Rpm1;

    private protected override async Task<string[]> SourcesAsync(TestFarm farm, HostTargets targets)
    {
        var files = new Dictionary<string, string> { ["probe"] = Probes.Program, ["targets"] = targets.Text };
        return [await MadeSrpm.MakeAsync(farm, Probing, files), await MadeSrpm.MakeAsync(farm, After)];
    }
}

/// <summary>
/// The probes in builds of SRPMs and in the scripts of RPM packages, which dnf runs: what is not held back there is on the page of isolation, and nothing else is.
/// </summary>
/// <param name="run">All probes, run once.</param>
[Trait("category", "Real")]
public sealed class EscapeInRpmTests(EscapeInRpmRun run) : IClassFixture<EscapeInRpmRun>
{
    public static TheoryData<string> All => [.. Probes.All.Select(probe => probe.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_build_does_no_harm(string probe) => Verdict("build", probe).Should().StartWith("contained");

    [Fact]
    public void What_a_script_can_do_is_on_the_page_of_isolation() =>
        Probes
            .All.Select(probe => probe.Name)
            .Where(name => !Verdict("install", name).StartsWith("contained", StringComparison.Ordinal))
            .Should()
            .BeEquivalentTo(
                IsolationPage.InRpmScripts,
                "of {0}",
                string.Join(
                    '\n',
                    run.Verdicts.Where(verdict =>
                        verdict.Key.StartsWith("install/", StringComparison.Ordinal)
                        && !verdict.Value.StartsWith("contained", StringComparison.Ordinal)
                    )
                )
            );

    [Fact]
    public void The_host_is_as_it_was() => run.Harm.Should().BeEmpty();

    [Fact]
    public void The_job_that_tries_all_this_ends_well() => run.State.Should().Be("successful", run.Log);

    private string Verdict(string context, string probe) =>
        run.Verdicts.GetValueOrDefault($"{context}/{probe}", "nothing was printed");
}
