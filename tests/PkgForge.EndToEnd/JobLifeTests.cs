using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>A job from <c>submit</c> to its end, by one-shot commands.</summary>
public sealed class JobLifeTests : FarmTests
{
    [Fact]
    public async Task A_job_goes_from_submit_to_success_by_one_shot_commands()
    {
        var farm = await MakeFarmAsync();
        var source = farm.Script("hello", "print hello, log", "product hello.txt hello, world");

        (await farm.DoAsync("submit", "-B", "main", "--id", "hello-1", source))
            .Should()
            .StartWith("hello-1\n")
            .And.Contain("pkgforge status hello-1");
        (await farm.StatusAsync("hello-1")).State.Should().Be("incoming");
        await farm.DoAsync("incoming");
        (await farm.StatusAsync("hello-1")).State.Should().Be("registered");
        await farm.DoAsync("buildd", "--name", "b1");

        var job = await farm.StatusAsync("hello-1");
        job.State.Should().Be("successful");
        job.Submitter.Should().Be(Executable.User.Name);
        job.Task.Should().BeEquivalentTo(new { Platform = "dummy-all", State = "success" });
        job.Task.Last.Should()
            .BeEquivalentTo(
                new
                {
                    Number = 1,
                    Builder = "b1",
                    Outcome = "success",
                }
            );
        (await farm.DoAsync("log", "hello-1")).Should().Contain("hello, log");
        farm.Files("spool/results")
            .Should()
            .Equal(
                "hello-1/dummy-all/1/log",
                "hello-1/dummy-all/1/products/hello.txt",
                "hello-1/dummy-all/1/record.yml"
            );
        farm.Files("spool/accepted/hello-1").Should().Equal("hello.dummy", "job.yml");
        farm.Files("spool/incoming").Should().BeEmpty();
    }

    [Fact]
    public async Task Status_tells_a_person_what_a_script_is_told()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("bad", farm.Script("bad", "fail compile foo.c:3: no such thing"));
        await farm.WorkAsync();

        var text = await farm.DoAsync("status", "bad");
        text.Should().Contain("job bad: failed").And.Contain("dummy-all: fail").And.Contain("compile");
        text.Should().Contain("foo.c:3: no such thing");
        (await farm.DoAsync("status")).Should().Contain("bad").And.Contain("failed");
        JobStatus.ParseList(await farm.DoAsync("status", "--json")).Single().State.Should().Be("failed");
        (await farm.TryAsync("status", "nobody")).Should().BeEquivalentTo(new { ExitCode = 1, Output = "" });
    }

    [Fact]
    public async Task The_list_of_jobs_is_read_page_by_page_and_by_state()
    {
        var farm = await MakeFarmAsync();
        foreach (var id in new[] { "one", "two", "three" })
            await farm.SubmitAsync(id, farm.Script(id, id == "two" ? "fail compile no" : "print x"));
        await farm.WorkAsync();

        var first = await farm.TryAsync("status", "--limit", "2", "--json");
        Ids(first.Output).Should().Equal("three", "two");
        Ids(await farm.DoAsync("status", "--limit", "2", "--older-than", "two", "--json")).Should().Equal("one");
        Ids(await farm.DoAsync("status", "--state", "failed", "--json")).Should().Equal("two");
        (await farm.TryAsync("status", "--limit", "2")).Error.Should().Be("there may be more: add --older-than two\n");
        (await farm.DoAsync("status", "--state", "cancelled")).Should().Be("no such jobs\n");
        (await farm.TryAsync("status", "--older-than", "nobody")).Should().BeEquivalentTo(new { ExitCode = 1 });
        var wrong = await farm.TryAsync("status", "--state", "lost");
        wrong.ExitCode.Should().Be(2);
        wrong.Error.Should().Contain("'lost' is not a job's state: expected one of").And.Contain("partially failed");
    }

    private static IEnumerable<string> Ids(string json) => JobStatus.ParseList(json).Select(job => job.Id);

    [Fact]
    public async Task Submit_needs_nothing_that_runs_and_makes_an_id_where_none_is_given()
    {
        var farm = await MakeFarmAsync();
        var output = await farm.DoAsync("submit", "-B", "main", farm.Script("a", "print a"));

        Guid.TryParse(output.Split('\n')[0], out _).Should().BeTrue("the id is a UUID, but it printed {0}", output);
    }

    [Fact]
    public async Task A_source_that_fails_is_tried_again_after_another_has_succeeded()
    {
        var farm = await MakeFarmAsync();
        var (bad, good) = (farm.Script("bad", "fail test it never works"), farm.Script("good", "product good.txt x"));
        await farm.SubmitAsync("again", bad, good);
        await farm.SubmitAsync("stop", "--on-error", "stop", bad, good);
        await farm.WorkAsync();

        Sources(await farm.DoAsync("log", "again")).Should().Equal("bad.dummy", "good.dummy", "bad.dummy");
        Sources(await farm.DoAsync("log", "stop")).Should().Equal("bad.dummy");
        foreach (var id in new[] { "again", "stop" })
        {
            var job = await farm.StatusAsync(id);
            job.State.Should().Be("failed");
            job.Task.Last.Should().BeEquivalentTo(new { Outcome = "fail", Cause = "test" });
            job.Task.Last.Message.Should().StartWith("bad.dummy: ");
        }
    }

    [Fact]
    public async Task A_job_with_several_sources_is_one_task_with_all_their_products()
    {
        var farm = await MakeFarmAsync();
        string[] sources = [.. "abc".Select(c => farm.Script($"{c}", $"product {c}.txt {c}"))];
        await farm.SubmitAsync("three", sources);
        await farm.WorkAsync();

        (await farm.StatusAsync("three")).State.Should().Be("successful");
        farm.Files("spool/results/three/dummy-all/1/products").Should().Equal("a.txt", "b.txt", "c.txt");
    }

    [Fact]
    public async Task Platforms_are_chosen_by_the_platform_language()
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("platform", "add", "more", "all", "--format", "dummy");
        var source = farm.Script("a", "print a");
        await farm.SubmitAsync("auto", source);
        await farm.SubmitAsync("all", "-p", "ALL", source);
        await farm.SubmitAsync("list", "-p", "more", source);
        await farm.SubmitAsync("but", "-p", "all,!Dummy", source);
        await farm.SubmitAsync("archs", "-p", "all", "-a", "all", source);
        await farm.DoAsync("platform", "deactivate", "dummy", "all");
        await farm.SubmitAsync("nothing", source);
        await farm.DoAsync("platform", "activate", "dummy", "all");
        await farm.SubmitAsync("arch-less", "-a", "sparc", source);
        await farm.DoAsync("incoming");

        (await PlatformsAsync(farm, "auto")).Should().Equal("dummy-all");
        (await PlatformsAsync(farm, "all")).Should().Equal("dummy-all", "more-all");
        (await PlatformsAsync(farm, "list")).Should().Equal("more-all");
        (await PlatformsAsync(farm, "but")).Should().Equal("more-all");
        (await PlatformsAsync(farm, "archs")).Should().Equal("dummy-all", "more-all");
        var refused = await farm.StatusAsync("arch-less");
        refused.State.Should().Be("invalid");
        refused.Reason.Should().Contain("sparc").And.Contain("all");
    }

    [Fact]
    public async Task Tasks_that_end_differently_make_a_job_partially_failed()
    {
        var farm = await MakeFarmAsync();
        await farm.DoAsync("platform", "add", "more", "all", "--format", "dummy");
        await farm.DoAsync("builder", "add", "m1", "more", "all");
        await farm.SubmitAsync("half", "-p", "all", farm.Script("a", "sleep 0.3", "product a.txt a"));
        await farm.WorkAsync();
        (await farm.StatusAsync("half")).State.Should().Be("building", "one platform has not been built yet");
        await File.AppendAllTextAsync(farm.Configuration, "\nlimits: { silence: 0.1s }\n");
        await farm.DoAsync("buildd", "--name", "m1");

        var job = await farm.StatusAsync("half");
        job.State.Should().Be("partially failed");
        job.On("dummy-all").State.Should().Be("success");
        job.On("more-all").Last.Should().BeEquivalentTo(new { Outcome = "fail", Cause = "no-output" });
        (await farm.TryAsync("log", "half")).ExitCode.Should().Be(2, "the job has two logs");
        (await farm.DoAsync("log", "half", "more-all")).Should().Contain("no-output");
    }

    [Fact]
    public async Task Scratch_jobs_keep_their_products_in_the_results_only()
    {
        var farm = await MakeFarmAsync();
        await farm.SubmitAsync("scratch", "--scratch", farm.Script("a", "product a.txt a"));
        await farm.WorkAsync();

        (await farm.StatusAsync("scratch")).State.Should().Be("successful");
        (await farm.DoAsync("status", "scratch")).Should().Contain("scratch: nothing is published");
        var lists = farm.Files("buckets").Where(file => file.EndsWith("list/products", StringComparison.Ordinal));
        lists.Should().NotBeEmpty("the buckets are there");
        foreach (var list in lists)
            File.ReadAllText($"{farm.Directory}/buckets/{list}").Should().BeEmpty("nothing is in {0}", list);
    }

    private static async Task<IEnumerable<string>> PlatformsAsync(TestFarm farm, string id) =>
        (await farm.StatusAsync(id)).Tasks!.Select(task => task.Platform);

    private static IEnumerable<string> Sources(string log) =>
        log.Split('\n')
            .Where(line => line.Contains("source: ", StringComparison.Ordinal))
            .Select(line => line.Split("source: ")[1]);
}
