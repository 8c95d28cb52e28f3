using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Reporting;
using Xunit;

namespace PkgForge.Tests.Reporting;

public sealed class TaskReportTests
{
    [Fact]
    public void A_success_names_what_was_made_and_where_it_is()
    {
        var mail = TaskReport.Render(Success())!;
        mail.To.Should().Equal("a@example.org");
        mail.Subject.Should().Be("[PkgForge] hello on bookworm-amd64: success");
        mail.Headers.Should()
            .Equal(
                new Dictionary<string, string>
                {
                    ["X-PkgForge-Status"] = "success",
                    ["X-PkgForge-Builder"] = "b1",
                    ["X-PkgForge-ID"] = "job-1",
                    ["X-PkgForge-Platform"] = "bookworm-amd64",
                }
            );
        mail.Body.Should()
            .Contain("hello_2.10-3_amd64.deb (5 bytes)")
            .And.Contain("/results/job-1")
            .And.Contain("pkgforge status job-1")
            .And.NotContain("Cause:");
    }

    [Fact]
    public void A_failure_names_the_sources_the_cause_and_the_evidence()
    {
        var mail = TaskReport.Render(
            Success() with
            {
                End = Failure with
                {
                    Sources = [Built("hello_2.10-3.dsc"), new("world_1-1.dsc", Cause.Compile, TimeSpan.Zero)],
                },
                Job = Job("hello_2.10-3.dsc", "world_1-1.dsc", "late_1-1.dsc"),
            }
        )!;
        mail.Subject.Should().Be("[PkgForge] hello and 2 more on bookworm-amd64: fail");
        mail.Body.Should()
            .Contain("hello_2.10-3.dsc: built")
            .And.Contain("world_1-1.dsc: failed (compile)")
            .And.Contain("late_1-1.dsc: not tried")
            .And.Contain("world_1-1.dsc broke")
            .And.Contain("main.c:1:1: error: x");
    }

    [Fact]
    public void Evidence_brings_no_control_characters_into_the_mail() =>
        TaskReport
            .Render(Success() with { End = Failure with { Evidence = "\e[31mred\a" } })!
            .Body.Should()
            .NotContainAny("\e", "\a");

    [Fact]
    public void The_lines_around_the_evidence_are_in_the_mail()
    {
        ExcerptLine[] excerpt =
        [
            new(9, "cc main.c", false),
            new(10, "main.c:1:1: error: \e[31mx", true),
            new(11, "make: *** [all] Error 1", false),
        ];
        var mail = TaskReport.Render(Success() with { End = Failure, Excerpt = excerpt })!;

        mail.Body.Should()
            .Contain(
                """
                Log, around the evidence:
                     9  cc main.c
                  > 10  main.c:1:1: error:  [31mx
                    11  make: *** [all] Error 1

                """
            )
            .And.NotContainAny("\e", "\a");
    }

    [Fact]
    public void A_job_without_addresses_gets_no_mail() =>
        TaskReport.Render(Success() with { Job = Job("a_1.dsc") with { Report = [] } }).Should().BeNull();

    [Theory]
    [InlineData("hello-2.10-3.src.rpm", "hello")]
    [InlineData("a-b-1-1.src.rpm", "a-b")]
    [InlineData("with_lines-1-1.src.rpm", "with_lines")]
    [InlineData("x.dummy", "x")]
    public void The_subject_calls_a_source_by_its_name(string file, string name) =>
        TaskReport.Render(Success() with { Job = Job(file) })!.Subject.Should().Contain($" {name} on ");

    [Fact]
    public void A_rejection_gives_the_reason()
    {
        var job = new RejectedJob(
            JobId.Parse("derived-1"),
            "ann",
            DateTimeOffset.UnixEpoch,
            new('a', 64),
            "there is no bucket 'x'; there are: main",
            null
        );
        var mail = RejectionReport.Render(job, "a\nb", ["a@example.org"])!;
        mail.Subject.Should().Be("[PkgForge] a b: rejected");
        mail.Headers["X-PkgForge-ID"].Should().Be("derived-1");
        mail.Headers["X-PkgForge-Status"].Should().Be("invalid");
        mail.Body.Should().Contain(job.Reason).And.Contain("ann").And.Contain("pkgforge status derived-1");
        RejectionReport.Render(job, "a", []).Should().BeNull();
    }

    [Fact]
    public void A_cancelled_task_and_one_that_the_farm_gave_up_say_so()
    {
        var cancelled = Render(new(BuildTaskState.Cancelled, null, null, "cancelled by request", [], []));
        var givenUp = Render(new(BuildTaskState.Fail, null, null, "no disk", [], []));

        cancelled.Headers["X-PkgForge-Status"].Should().Be("cancelled");
        cancelled.Body.Should().Contain("cancelled by request");
        givenUp.Headers["X-PkgForge-Status"].Should().Be("fail");
        givenUp.Body.Should().Contain("no disk");
    }

    private static OutgoingMail Render(TaskEnd end) => TaskReport.Render(Success() with { End = end })!;

    private static SourceResult Built(string file) => new(file, null, TimeSpan.FromSeconds(1));

    private static TaskEnd Failure { get; } =
        new(BuildTaskState.Fail, Cause.Compile, "main.c:1:1: error: x", "world_1-1.dsc broke", [], []);

    private static TaskDescription Success() =>
        new(
            Job("hello_2.10-3.dsc"),
            new(new(1, 1, "b1", 1), JobId.Parse("job-1"), new("bookworm", "amd64")),
            "/results/job-1/bookworm-amd64/1",
            new(
                BuildTaskState.Success,
                null,
                null,
                null,
                [Built("hello_2.10-3.dsc")],
                [new("hello_2.10-3_amd64.deb", 5, new('a', 64))]
            )
        );

    private static Job Job(params string[] sources) =>
        new()
        {
            Id = JobId.Parse("job-1"),
            Submitter = "ann",
            Time = DateTimeOffset.UnixEpoch,
            Bucket = "main",
            Report = ["a@example.org"],
            Sources = sources,
            Files = [],
        };
}
