using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    private static RejectedJob Rejected(string id, string sha) =>
        new(
            JobId.Parse(id),
            "ada",
            new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
            sha,
            "hello.dsc: not there",
            new(["ada@example.org"], "rejected", new Dictionary<string, string> { ["X-PkgForge-ID"] = id }, "body")
        );

    [Fact]
    public async Task A_registered_job_is_found_whole()
    {
        (await RegisterAsync("hello", Fedora, Bookworm)).Should().Be(RegisterOutcome.Registered);

        var found = await JobAsync("hello");
        found
            .Job.Should()
            .BeEquivalentTo(
                new
                {
                    Id = JobId.Parse("hello"),
                    State = JobState.Registered,
                    Submitter = "ada",
                    Bucket = "main",
                    Scratch = false,
                    Submitted = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
                    Ended = (DateTimeOffset?)null,
                    Sources = new[] { "hello_2.10-3.dsc", "world-1-1.src.rpm" },
                    Reason = (string?)null,
                }
            );
        found.Job.Registered.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), Long);
        found.Tasks.Select(task => task.Platform).Should().Equal(Bookworm, Fedora);
        found.Tasks.Should().OnlyContain(task => task.State == BuildTaskState.NeedsBuild && task.Attempts.Count == 0);
        (await Registry.FindManifestAsync(JobId.Parse("hello"), Cancel)).Should().Be(Sha);
    }

    [Fact]
    public async Task Ids_are_case_sensitive()
    {
        await RegisterAsync("hello");

        (await Registry.FindJobAsync(JobId.Parse("Hello"), Cancel)).Should().BeNull();
        (await Registry.FindManifestAsync(JobId.Parse("HELLO"), Cancel)).Should().BeNull();
        (await RegisterAsync("Hello")).Should().Be(RegisterOutcome.Registered);
    }

    [Fact]
    public async Task The_same_submission_is_there_already_and_another_finds_the_id_taken()
    {
        await RegisterAsync("hello");

        (await RegisterAsync("hello", Bookworm, Fedora)).Should().Be(RegisterOutcome.AlreadyThere);
        (await Registry.RegisterJobAsync(NewJob("hello") with { ManifestSha256 = OtherSha }, Cancel))
            .Should()
            .Be(RegisterOutcome.IdTaken);

        (await JobAsync("hello")).Tasks.Should().ContainSingle();
        (await Registry.CountAsync(Cancel))["job"].Should().Be(1);
    }

    [Fact]
    public async Task One_of_many_at_once_registers_an_id()
    {
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => RegisterAsync("hello"), Cancel))
        );

        outcomes.Count(outcome => outcome == RegisterOutcome.Registered).Should().Be(1);
        outcomes.Count(outcome => outcome == RegisterOutcome.AlreadyThere).Should().Be(7);
    }

    [Fact]
    public async Task A_job_for_a_platform_that_is_unknown_or_inactive_is_not_registered()
    {
        await Registry.SetPlatformActiveAsync(Fedora, false, Cancel);

        await FluentActions
            .Awaiting(() => RegisterAsync("hello", Bookworm, new PlatformKey("sid", "amd64")))
            .Should()
            .ThrowAsync<UnknownPlatformException>()
            .WithMessage("*no platform sid-amd64*");
        await FluentActions
            .Awaiting(() => RegisterAsync("hello", Bookworm, Fedora))
            .Should()
            .ThrowAsync<UnknownPlatformException>()
            .WithMessage("*f43-x86_64 is not active*");

        (await Registry.CountAsync(Cancel)).Values.Should().OnlyContain(count => count == 0);
    }

    [Fact]
    public async Task A_platform_named_twice_gets_one_task()
    {
        await RegisterAsync("hello", Bookworm, new PlatformKey("Bookworm", "AMD64"));

        (await JobAsync("hello")).Tasks.Should().ContainSingle();
    }

    [Fact]
    public async Task A_job_without_a_platform_is_not_registered()
    {
        var job = NewJob("hello") with { Platforms = [] };

        await FluentActions
            .Awaiting(() => Registry.RegisterJobAsync(job, Cancel))
            .Should()
            .ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task A_rejected_job_is_there_with_its_reason_and_its_mail_once()
    {
        (await Registry.RegisterRejectedAsync(Rejected("hello", Sha), Cancel)).Should().Be(RegisterOutcome.Registered);
        (await Registry.RegisterRejectedAsync(Rejected("hello", Sha), Cancel))
            .Should()
            .Be(RegisterOutcome.AlreadyThere);
        (await Registry.RegisterRejectedAsync(Rejected("hello", OtherSha), Cancel))
            .Should()
            .Be(RegisterOutcome.IdTaken);

        var found = await JobAsync("hello");
        found.Job.State.Should().Be(JobState.Invalid);
        found.Job.Reason.Should().Be("hello.dsc: not there");
        found.Job.Ended.Should().Be(found.Job.Registered);
        found.Tasks.Should().BeEmpty();
        (await CancelJobAsync("hello")).Should().BeEmpty();
        (await RetryJobAsync("hello")).Should().BeEmpty();
        (await JobStateAsync("hello")).Should().Be(JobState.Invalid);
        (await Registry.CountAsync(Cancel))["outbox"].Should().Be(1);
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_in_pages()
    {
        for (var i = 1; i <= 5; i++)
            await RegisterAsync($"job-{i}");

        var page = await Registry.ListJobsAsync(new(Limit: 2), Cancel);
        var next = await Registry.ListJobsAsync(new(Limit: 2, After: page[^1].Id), Cancel);
        var last = await Registry.ListJobsAsync(new(Limit: 2, After: next[^1].Id), Cancel);

        page.Concat(next)
            .Concat(last)
            .Select(job => job.Id.ToString())
            .Should()
            .Equal("job-5", "job-4", "job-3", "job-2", "job-1");
    }

    [Fact]
    public async Task Jobs_are_listed_by_submitter_and_state()
    {
        await RegisterAsync("hello");
        var other = NewJob("world");
        await Registry.RegisterJobAsync(other with { Job = other.Job with { Submitter = "Ada" } }, Cancel);
        await Registry.RegisterRejectedAsync(Rejected("bad", Sha), Cancel);

        async Task<IEnumerable<string>> ListAsync(JobQuery query) =>
            (await Registry.ListJobsAsync(query, Cancel)).Select(job => job.Id.ToString());

        (await ListAsync(new(Submitter: "ada"))).Should().Equal("bad", "hello");
        (await ListAsync(new(State: JobState.Registered))).Should().Equal("world", "hello");
        (await ListAsync(new("ada", JobState.Registered))).Should().Equal("hello");
        (await ListAsync(new("' OR true --"))).Should().BeEmpty();
    }
}
