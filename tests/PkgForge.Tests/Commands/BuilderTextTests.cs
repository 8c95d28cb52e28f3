using AwesomeAssertions;
using PkgForge.Cli;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Views;
using Xunit;

namespace PkgForge.Tests.Commands;

/// <summary>Builders, in the words of <c>pkgforge builder list</c> and <c>show</c>.</summary>
public sealed class BuilderTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 14, 20, 0, TimeSpan.Zero);
    private static readonly Quarantine Bad = new("3 farm faults in a row\e[2J", Now.AddMinutes(-5), Now.AddMinutes(5));

    private static Builder Some(bool running = true, bool building = false) =>
        new(
            "b1",
            new("bookworm", "amd64"),
            "forge1",
            Now,
            running,
            building ? new(JobId.Parse("hello-1"), new("bookworm", "amd64"), 2, Now) : null
        );

    [Theory]
    [InlineData(true, false, false, false, "idle")]
    [InlineData(true, true, false, false, "building hello-1")]
    [InlineData(true, true, true, false, "building hello-1, draining")]
    [InlineData(true, false, true, false, "draining")]
    [InlineData(true, false, false, true, "quarantine")]
    [InlineData(true, true, false, true, "building hello-1, quarantine")]
    [InlineData(false, false, false, false, "stopped")]
    [InlineData(false, false, true, true, "stopped, draining, quarantine")]
    public void A_state_says_what_it_does_and_what_holds_it_up(
        bool running,
        bool building,
        bool draining,
        bool quarantine,
        string state
    ) =>
        BuilderJson
            .StateOf(Some(running, building) with { Draining = draining, Quarantine = quarantine ? Bad : null })
            .Should()
            .Be(state);

    [Fact]
    public void Everything_about_a_builder_in_quarantine_is_shown()
    {
        var fault = new RecentFault(JobId.Parse("hello-0"), Now, AttemptOutcome.FarmFault, "no disk");
        var text = string.Join(
            '\n',
            BuilderText.Lines(BuilderJson.Of(Some() with { Quarantine = Bad, Faults = [fault, fault] }), Now)
        );

        text.Should()
            .Contain("builder b1: quarantine\n")
            .And.Contain("quarantine  3 farm faults in a row?[2J\n", "what comes from a build is made safe")
            .And.Contain($"since     {Words.Of(Bad.Since)}")
            .And.Contain($"one task to try it with, {Words.About(Bad.Canary, Now)}")
            .And.Contain("faults      2 in the last seven days\n")
            .And.Contain($"{Words.Of(Now)}  farm fault, job hello-0: no disk");
        var due = Some() with { Quarantine = Bad with { Canary = Now } };
        BuilderText.Lines(BuilderJson.Of(due), Now).Should().Contain("    canary    with the next task that waits");
    }

    [Fact]
    public void As_many_faults_as_are_kept_may_be_more()
    {
        var fault = new RecentFault(JobId.Parse("hello-0"), Now, AttemptOutcome.Lost, null);
        BuilderText
            .Row(BuilderJson.Of(Some() with { Faults = [fault, fault, fault, fault, fault] }))[^1]
            .Should()
            .Be("5 or more");
        BuilderText.Row(BuilderJson.Of(Some() with { Faults = [fault] }))[^1].Should().Be("1");
        BuilderText.Lines(BuilderJson.Of(Some()), Now).Should().Contain("  faults      none in the last seven days");
    }
}
