using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Contracts;

public abstract partial class RegistryContract
{
    private async Task<IEnumerable<string>> FindAsync(JobQuery query) =>
        (await Registry.FindJobsAsync(query, Cancel)).Jobs.Select(job => job.Id.ToString());

    private Task FindableAsync(string id, string submitter, string bucket, params PlatformKey[] platforms) =>
        RegisterAsync(NewJob(id, platforms), job => job with { Submitter = submitter, Bucket = bucket });

    [Fact]
    public async Task Jobs_are_found_by_each_condition_and_by_all_together()
    {
        await FindableAsync("a", "ada", "main", Bookworm);
        await FindableAsync("b", "ada", "test", Bookworm, Fedora);
        await FindableAsync("c", "bob", "main", Fedora);
        await FindableAsync("d", "ada", "main", Fedora);
        await CancelJobAsync("d");

        (await FindAsync(new() { Bucket = "main" })).Should().Equal("d", "c", "a");
        (await FindAsync(new() { Bucket = "Main" })).Should().BeEmpty();
        (await FindAsync(new() { Platform = Fedora })).Should().Equal("d", "c", "b");
        (await FindAsync(new() { Platform = new PlatformKey("F43", "X86_64") })).Should().Equal("d", "c", "b");
        (await FindAsync(new() { Platform = new PlatformKey("sid", "amd64") })).Should().BeEmpty();
        (await FindAsync(new("ada") { Platform = Fedora })).Should().Equal("d", "b");
        (await FindAsync(new("ada") { Bucket = "main" })).Should().Equal("d", "a");
        (await FindAsync(new(State: JobState.Registered) { Bucket = "main" })).Should().Equal("c", "a");
        (await FindAsync(new("ada", JobState.Cancelled) { Bucket = "main", Platform = Fedora })).Should().Equal("d");
        (await FindAsync(new("ada", JobState.Cancelled) { Bucket = "test", Platform = Fedora })).Should().BeEmpty();
        (await FindAsync(new() { Bucket = "' OR true --" })).Should().BeEmpty();
        (await Registry.ListJobsAsync(new() { Bucket = "test" }, Cancel)).Should().ContainSingle();
    }

    [Fact]
    public async Task Jobs_are_found_by_the_time_at_which_the_farm_took_them()
    {
        foreach (var (id, hours) in new[] { ("old", 72), ("middle", 48), ("new", 24) })
        {
            await RegisterAsync(id);
            await ExecuteAsync($"UPDATE job SET registered = {Ago(hours * 3600)} WHERE id = '{id}'");
        }
        var now = TimeProvider.System.GetUtcNow();

        (await FindAsync(new() { From = now.AddHours(-60) })).Should().Equal("new", "middle");
        (await FindAsync(new() { To = now.AddHours(-36) })).Should().Equal("middle", "old");
        (await FindAsync(new() { From = now.AddHours(-60), To = now.AddHours(-36) })).Should().Equal("middle");
        (await FindAsync(new(State: JobState.Registered) { From = now.AddHours(-60), To = now.AddHours(-36) }))
            .Should()
            .Equal("middle");
        (await FindAsync(new() { From = now })).Should().BeEmpty();
        (await FindAsync(new() { To = now.AddHours(-100) })).Should().BeEmpty();
    }

    [Fact]
    public async Task Pages_of_any_question_follow_each_other_and_end()
    {
        for (var i = 1; i <= 7; i++)
            await FindableAsync($"job-{i}", "ada", i % 2 == 0 ? "even" : "odd", Bookworm, Fedora);
        foreach (
            var query in new JobQuery[]
            {
                new(Limit: 2) { Bucket = "odd" },
                new("ada", Limit: 2) { Bucket = "odd" },
                new(Limit: 2) { Bucket = "odd", Platform = Fedora },
            }
        )
        {
            var (all, next) = (new List<string>(), query);
            while (true)
            {
                var page = await Registry.FindJobsAsync(next, Cancel);
                all.AddRange(page.Jobs.Select(job => job.Id.ToString()));
                if (page.Next is not { } last)
                    break;
                next = query with { After = last };
            }
            all.Should().Equal(["job-7", "job-5", "job-3", "job-1"], "of {0}", query);
        }
        (await Registry.FindJobsAsync(new(After: JobId.Parse("no-such")) { Bucket = "odd" }, Cancel))
            .Jobs.Should()
            .BeEmpty();
    }

    [Fact]
    public async Task A_look_through_many_that_do_not_fit_ends_and_says_where_to_go_on()
    {
        await FindableAsync("wanted", "ada", "rare", Fedora);
        for (var batch = 0; batch < 105; batch++)
            await Registry.RegisterJobsAsync(
                [
                    .. Enumerable
                        .Range(0, 100)
                        .Select(i => NewJob($"other-{batch}-{i}", Fedora))
                        .Select(job => job with { Job = job.Job with { Bucket = "main" } }),
                ],
                Cancel
            );

        var first = await Registry.FindJobsAsync(new() { Bucket = "rare", Platform = Fedora }, Cancel);
        first.Jobs.Should().BeEmpty();
        first.Next.Should().NotBeNull();
        var second = await Registry.FindJobsAsync(
            new(After: first.Next) { Bucket = "rare", Platform = Fedora },
            Cancel
        );
        second.Jobs.Should().ContainSingle().Which.Id.ToString().Should().Be("wanted");
        second.Next.Should().BeNull();
        (await FindAsync(new() { Bucket = "rare" })).Should().Equal("wanted");
    }

    [Fact]
    public async Task What_could_not_be_had_stays_with_the_job()
    {
        await Registry.RegisterJobAsync(NewJob("hello") with { Warnings = ["there is no platform 'x'"] }, Cancel);
        await RegisterAsync("world");

        (await JobAsync("hello")).Job.Warnings.Should().Equal("there is no platform 'x'");
        (await JobAsync("world")).Job.Warnings.Should().BeEmpty();
    }

    private Task<RegisterOutcome> WithSourcesAsync(string id, params string[] sources) =>
        RegisterAsync(NewJob(id), job => job with { Sources = sources });

    [Fact]
    public async Task Jobs_are_found_by_the_name_of_a_source_or_its_beginning()
    {
        await WithSourcesAsync("a", "libfoo_1.0-1.dsc", "libfoo_1.1-1.dsc");
        await WithSourcesAsync("b", "libbar-2.0-1.src.rpm", "hello_1.dsc");
        await WithSourcesAsync("c", "lib_1.dsc");
        await WithSourcesAsync("d", "libfoo_1.2-1.dsc");
        await WithSourcesAsync("x", "alib_1.dsc", "libx-foo-1-1.src.rpm");
        await WithSourcesAsync("y", "aXb_1.dsc");
        await WithSourcesAsync("z", "g++-12_1.dsc");
        await CancelJobAsync("d");

        (await FindAsync(new() { Source = "libfoo" })).Should().Equal("d", "a");
        (await FindAsync(new() { Source = "lib" })).Should().Equal("c");
        (await FindAsync(new() { Source = "lib*" })).Should().Equal("x", "d", "c", "b", "a");
        (await FindAsync(new() { Source = "libx" })).Should().BeEmpty();
        (await FindAsync(new() { Source = "g++-12" })).Should().Equal("z");
        (await FindAsync(new(Limit: 1) { Source = "g+*" })).Should().Equal("z");
        (await FindAsync(new() { Source = "a_b" })).Should().BeEmpty();
        (await FindAsync(new() { Source = "%" })).Should().BeEmpty();
        (await FindAsync(new() { Source = "libb*" })).Should().Equal("b");
        (await FindAsync(new() { Source = "Lib*" })).Should().BeEmpty();
        (await FindAsync(new() { Source = "none" })).Should().BeEmpty();
        (
            await FindAsync(
                new("ada", JobState.Cancelled)
                {
                    Source = "lib*",
                    Bucket = "main",
                    Platform = Bookworm,
                }
            )
        ).Should().Equal("d");
        (await FindAsync(new(Limit: 2) { Source = "lib*" })).Should().Equal("x", "d");
        (await FindAsync(new(After: JobId.Parse("c")) { Source = "lib*" })).Should().Equal("b", "a");
        (await FindAsync(new() { Source = "' OR true --*" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Jobs_are_found_by_a_beginning_that_many_names_have()
    {
        await Registry.RegisterJobsAsync(
            [
                .. Enumerable
                    .Range(0, 60)
                    .Select(i => NewJob($"job-{i}"))
                    .Select((job, i) => job with { Job = job.Job with { Sources = [$"lib{i}_1.dsc"] } }),
            ],
            Cancel
        );
        await WithSourcesAsync("other", "other_1.dsc");

        (await FindAsync(new(Limit: 100) { Source = "lib*" })).Should().HaveCount(60);
        (await FindAsync(new(Limit: 2) { Source = "lib*" })).Should().Equal("job-59", "job-58");
    }

    [Fact]
    public async Task The_last_success_of_a_source_is_that_of_the_same_platform_and_bucket_before_the_attempt()
    {
        var builder = await BuilderAsync();
        async Task<LastSuccess?> BuildAsync(string id, string bucket, string source, BuildTaskState state)
        {
            await RegisterAsync(NewJob(id), job => job with { Bucket = bucket, Sources = [source] });
            await FinishAsync(await ClaimAsync(builder), state);
            return await Registry.FindLastSuccessAsync(
                JobId.Parse(id),
                Bookworm,
                1,
                PkgForge.Sources.SourceName.Of(source),
                Cancel
            );
        }

        (await BuildAsync("first", "main", "hello_1.dsc", BuildTaskState.Fail)).Should().BeNull();
        (await BuildAsync("other", "main", "world_1.dsc", BuildTaskState.Success)).Should().BeNull();
        (await BuildAsync("good", "main", "hello_2.dsc", BuildTaskState.Success)).Should().BeNull();
        await ExecuteAsync("UPDATE attempt SET started = ended WHERE ended IS NOT NULL");
        (await Registry.FindLastSuccessAsync(JobId.Parse("good"), Bookworm, 1, "hello", Cancel))
            .Should()
            .BeNull("it is not its own last success, though it began and ended at once");
        (await BuildAsync("tested", "test", "hello_3.dsc", BuildTaskState.Success))!.Job.ToString().Should().Be("good");
        var found = await BuildAsync("bad", "main", "hello_4.dsc", BuildTaskState.Fail);
        (found!.Job.ToString(), found.Attempt, found.Bucket).Should().Be(("good", 1, "main"));
        (await BuildAsync("tried", "test", "hello_4.dsc", BuildTaskState.Fail))!.Job.ToString().Should().Be("tested");
        // A retry compares with what has succeeded since; the first try does not.
        (await BuildAsync("mended", "main", "hello_5.dsc", BuildTaskState.Success))
            .Should()
            .NotBeNull();
        await RetryJobAsync("bad");
        await FinishAsync(await ClaimAsync(builder), BuildTaskState.Fail);
        (await Registry.FindLastSuccessAsync(JobId.Parse("bad"), Bookworm, 2, "hello", Cancel))!
            .Job.ToString()
            .Should()
            .Be("mended");
        (await Registry.FindLastSuccessAsync(JobId.Parse("bad"), Bookworm, 1, "hello", Cancel))!
            .Job.ToString()
            .Should()
            .Be("good");
        (await Registry.FindLastSuccessAsync(JobId.Parse("bad"), Fedora, 1, "hello", Cancel)).Should().BeNull();
    }
}
