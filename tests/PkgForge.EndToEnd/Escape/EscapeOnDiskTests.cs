using AwesomeAssertions;
using Xunit;

namespace PkgForge.EndToEnd.Escape;

/// <summary>The probes of a build whose top is on the disk: nothing else differs. Of scripts of dependencies <see cref="EscapeTests"/> has them, since layers are made there.</summary>
/// <param name="run">All probes, run once.</param>
[Trait("category", "Real")]
public sealed class EscapeOnDiskTests(EscapeOnDiskRun run) : IClassFixture<EscapeOnDiskRun>
{
    [Fact]
    public void A_build_does_no_harm()
    {
        run.Log.Should().Contain("its top is on the disk");
        foreach (var probe in Probes.All)
            run.Verdicts.GetValueOrDefault($"build/{probe.Name}", "nothing was printed")
                .Should()
                .StartWith("contained", "of {0}", probe.Name);
    }

    [Fact]
    public void The_host_is_as_it_was() => run.Harm.Should().BeEmpty();

    [Fact]
    public void The_job_that_tries_all_this_ends_well() => run.State.Should().Be("successful", run.Log);
}
