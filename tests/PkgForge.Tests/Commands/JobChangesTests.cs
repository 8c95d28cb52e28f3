using AwesomeAssertions;
using PkgForge.Cli.Live;
using PkgForge.Registry.Views;
using Xunit;

namespace PkgForge.Tests.Commands;

/// <summary>What a watched job's changes are called.</summary>
public sealed class JobChangesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly WaitingJson Waiting = new("next", "it is next", 0, null, null);

    [Fact]
    public void What_waits_says_why() =>
        JobChanges
            .Between(null, Job("registered", Task("needs build") with { Waiting = Waiting }))
            .Should()
            .Equal("dummy-all: waits: it is next", "job a: registered");

    [Fact]
    public void What_is_as_it_was_is_not_told()
    {
        var job = Job("building", Task("building", Attempt(1, "running")));

        JobChanges.Between(job, job).Should().BeEmpty();
    }

    [Fact]
    public void What_has_begun_and_ended_is_told_with_the_cause()
    {
        var waiting = Job("registered", Task("needs build") with { Waiting = Waiting });
        var building = Job("building", Task("building", Attempt(1, "running")));
        var failed = Job(
            "failed",
            Task("fail", Attempt(1, "fail") with { Cause = "compile", Evidence = "x.c:1: error" })
        );

        JobChanges.Between(waiting, building).Should().Equal("dummy-all: attempt 1 by b1 has begun", "job a: building");
        JobChanges
            .Between(building, failed)
            .Should()
            .Equal("dummy-all: fail after 1m05s: compile: x.c:1: error", "job a: failed");
    }

    [Fact]
    public void What_was_put_back_is_told_with_what_became_of_the_attempt() =>
        JobChanges
            .Between(
                Job("building", Task("building", Attempt(1, "running"))),
                Job("registered", Task("needs build", Attempt(1, "lost")) with { Waiting = Waiting })
            )
            .Should()
            .Equal(
                "dummy-all: lost after 1m05s",
                "dummy-all: needs build",
                "dummy-all: waits: it is next",
                "job a: registered"
            );

    [Fact]
    public void A_cancel_is_told_when_it_is_asked_for_and_when_it_is_done() =>
        new[]
        {
            JobChanges.Between(
                Job("building", Task("building", Attempt(1, "running"))),
                Job("building", Task("building", Attempt(1, "running")) with { CancelRequested = true })
            ),
            JobChanges.Between(Job("registered", Task("needs build")), Job("cancelled", Task("cancelled"))),
        }
            .SelectMany(lines => lines)
            .Should()
            .Equal("dummy-all: to be cancelled", "dummy-all: cancelled", "job a: cancelled");

    private static JobJson Job(string state, params TaskJson[] tasks) =>
        new("a", state, "anna", "main", false, Noon, Noon, null, ["a.dummy"], null, "normal", null, tasks);

    private static TaskJson Task(string state, params AttemptJson[] attempts) =>
        new("dummy-all", state, false, "/results", null, attempts);

    private static AttemptJson Attempt(int number, string outcome) =>
        new(number, "b1", outcome, Noon, outcome == "running" ? null : Noon.AddSeconds(65), null, null, null);
}
