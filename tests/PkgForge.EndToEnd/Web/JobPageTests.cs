using System.Text.RegularExpressions;
using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>Finding jobs, reading all about one, doing it again, and what changed since it last worked.</summary>
public sealed class JobPageTests(Browser browser) : SiteTests(browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Jobs_are_found_by_all_conditions_together_and_the_address_is_the_question(bool script)
    {
        await StartAsync();
        await Farm.SubmitAsync("good", Farm.Script("libgood", "print a"));
        await Farm.SubmitAsync("bad", Farm.Script("libbad", "fail compile no"));
        await Farm.DoAsync("submit", "-B", "other", "--id", "elsewhere", Farm.Script("app", "fail test no"));
        foreach (var id in new[] { "good", "bad", "elsewhere" })
            await Farm.FinalAsync(id);
        var page = await OpenAsync("/jobs", await AccountAsync("anna", "viewer"), new() { JavaScriptEnabled = script });
        await page.GetByLabel("Source").FillAsync("lib*");
        await page.GetByLabel("Bucket").SelectOptionAsync("main");
        await page.GetByLabel("Platform").SelectOptionAsync("dummy-all");
        await page.GetByLabel("State").SelectOptionAsync("failed");
        await page.GetByLabel("From").FillAsync("2020-01-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();

        await Expect(page.Locator("#jobs tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#jobs")).ToContainTextAsync("bad");
        page.Url.Should().Contain("source=lib*").And.Contain("bucket=main").And.Contain("from=2020-01-01");
        await Expect(page.GetByLabel("Source")).ToHaveValueAsync("lib*");
        await PictureAsync(page, $"jobs-found-{(script ? "script" : "plain")}");
        await page.GotoAsync($"{Url}/jobs?to=2020-01-01");
        await Expect(page.Locator("#jobs")).ToContainTextAsync("No such jobs.");
        await page.GotoAsync($"{Url}/jobs?from=yesterday");
        await Expect(page.Locator("main")).ToContainTextAsync("'from' is 'yesterday'; expected a day as 2026-11-22");
        (await Farm.DoAsync("status", "--source", "lib*", "--bucket", "main", "--state", "failed"))
            .Should()
            .Contain("bad")
            .And.NotContain("good")
            .And.NotContain("elsewhere");
    }

    [Fact]
    public async Task Who_comes_to_a_failed_job_sees_the_cause_jumps_into_the_log_and_retries_one_task()
    {
        await StartAsync();
        await Farm.DoAsync("platform", "add", "more", "all", "--format", "dummy", "--auto");
        await Farm.DoAsync("builder", "add", "m1", "more", "all");
        Farm.Start("buildd", "--name", "m1", "--daemon");
        string[] steps = [.. Enumerable.Range(1, 60).Select(i => $"print step {i}")];
        await Farm.SubmitAsync(
            "two",
            Farm.Script("first", "print fine", "product first.txt x"),
            Farm.Script("second", [.. steps, "print main.c:7: error: no", "fail compile main.c:7: error: no"])
        );
        await Farm.FinalAsync("two");
        var page = await OpenAsync("/jobs/two", await AccountAsync("anna", "admin"));

        var matrix = page.Locator("table.matrix");
        await Expect(matrix.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(matrix.Locator("tbody tr").Nth(0)).ToContainTextAsync("built");
        await Expect(matrix.Locator("tbody tr").Nth(1)).ToContainTextAsync("compile");
        await Expect(matrix.Locator("tbody tr").Nth(0)).ToContainTextAsync(new Regex(@"built\s*\d+\.\ds"));
        await PictureAsync(page, "job-matrix");
        await page.Locator("a.evidence").First.ClickAsync();
        await Expect(page.Locator("#log div.evidence")).ToContainTextAsync("main.c:7: error: no");
        await Expect(page.Locator("#log div.evidence")).ToBeInViewportAsync();
        await Expect(page.GetByText("Retry", new() { Exact = true })).ToBeVisibleAsync();
        await page.EvaluateAsync("window.scrollTo(0, 0)");
        await page.GetByRole(AriaRole.Link, new() { Name = "First error" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(@"\?line=(?<line>\d+)#L\k<line>$"));
        await Expect(page.Locator("#log div.evidence")).ToBeInViewportAsync();
        await page.GotoAsync($"{Url}/jobs/two");
        await page.GetByText("Retry it").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Retry on dummy-all" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Attempt 2" })).ToHaveCountAsync(1);
        await Farm.FinalAsync("two");
        (await Farm.DoAsync("status", "two")).Should().Contain("attempt 2 by b1").And.NotContain("attempt 2 by m1");
        await page.GotoAsync($"{Url}/admin/audit");
        await Expect(page.Locator("main")).ToContainTextAsync("two dummy-all");
        Complaints.Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_asked_for_is_shown_and_can_be_asked_for_again_in_another_way(bool script)
    {
        await StartAsync();
        await Farm.SubmitAsync(
            "asked",
            "-p",
            "dummy,nowhere",
            "-r",
            "anna@example.org",
            "--scratch",
            Farm.Script("asked", "print a")
        );
        await Farm.FinalAsync("asked");
        var page = await OpenAsync(
            "/jobs/asked",
            await AccountAsync("anna", "submitter"),
            new() { JavaScriptEnabled = script }
        );
        await Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync("there is no platform 'nowhere'");
        await Expect(page.Locator("#job")).ToContainTextAsync("dummy, nowhere");
        await Expect(page.Locator("#job")).ToContainTextAsync("anna@example.org");
        await page.GetByText("Manifest", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("pre.text")).ToContainTextAsync("id: \"asked\"");
        await PictureAsync(page, $"job-asked-{(script ? "script" : "plain")}");
        (await Farm.DoAsync("status", "asked")).Should().Contain("warning    there is no platform 'nowhere'");

        await page.GetByRole(AriaRole.Link, new() { Name = "Submit again" }).ClickAsync();
        await Expect(page.GetByLabel("Platforms")).ToHaveValueAsync("dummy, nowhere");
        await page.GetByLabel("Platforms").FillAsync("elsewhere");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit again" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no platform matches");
        await page.GetByLabel("Platforms").FillAsync("dummy");
        await page.GetByLabel("Bucket").SelectOptionAsync("other");
        await page.GetByLabel("Scratch").UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit again" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("resubmit", StringComparison.Ordinal));

        var again = await Farm.FinalAsync(page.Url.Split('/')[^1]);
        again.State.Should().Be("successful");
        await page.ReloadAsync();
        await Expect(page.Locator("#job")).ToContainTextAsync("other");
        await Expect(page.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);
        (await Farm.DoAsync("resubmit", "--id", "third", "-p", "dummy,nowhere", "asked")).Should().StartWith("third");
        (await Farm.FinalAsync("third")).State.Should().Be("successful");
        if (script)
            Complaints.Where(text => !text.Contains("status of 422", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_changed_since_the_last_success_is_told_on_the_page_and_by_the_command()
    {
        await StartAsync();
        await Farm.SubmitAsync(
            "good",
            Farm.Script("app", "print begin", "print compiling", "print all is well", "product app.txt 1")
        );
        await Farm.FinalAsync("good");
        await Farm.SubmitAsync(
            "bad",
            Farm.Script(
                "app",
                "print begin",
                "print compiling",
                "print main.c:1: error",
                "fail compile main.c:1: error"
            )
        );
        await Farm.FinalAsync("bad");
        var page = await OpenAsync("/jobs/bad/dummy-all/1", await AccountAsync("anna", "viewer"));

        await page.GetByRole(AriaRole.Link, new() { Name = "What changed since the last success" }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("attempt 1 of good");
        await Expect(page.Locator(".diff .gone")).ToContainTextAsync("all is well");
        await Expect(page.Locator(".diff .new").First).ToContainTextAsync("main.c:1: error");
        await PictureAsync(page, "changes");
        var said = await Farm.DoAsync("changes", "bad", "dummy-all");
        said.Should().Contain("against attempt 1 of good").And.Contain("-all is well").And.Contain("+main.c:1: error");
        await page.GotoAsync($"{Url}/jobs/good/dummy-all/1/changes");
        await Expect(page.Locator("main")).ToContainTextAsync("has not been built on dummy-all before this attempt");
        await page.GotoAsync($"{Url}/jobs/bad/dummy-all/1/root");
        await Expect(page.Locator("main")).ToContainTextAsync("It was not built in a root of layers.");
        await page.GetByRole(AriaRole.Link, new() { Name = "record.yml" }).ClickAsync();
        await Expect(page.Locator("body")).ToContainTextAsync("pkgforge:");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_build_should_take_is_learnt_and_says_when_a_job_should_be_done()
    {
        await StartAsync();
        await Farm.SubmitAsync("before", Farm.Script("slow", "sleep 1"));
        await Farm.FinalAsync("before");
        await Farm.SubmitAsync("after", Farm.Script("slow", "hang"));
        await Farm.UntilAsync("after", job => job.State == "building");
        var page = await OpenAsync("/jobs/after", await AccountAsync("anna", "viewer"));

        await Expect(page.Locator("#job")).ToContainTextAsync("should be done");
        await Farm.DoAsync("cancel", "after");
    }

    [Fact]
    public async Task What_was_tried_is_published_elsewhere_by_a_maintainer_of_that_bucket_without_building()
    {
        await StartAsync();
        await Farm.DoAsync("submit", "-B", "other", "--scratch", "--id", "tried", Farm.Script("a", "product a.txt x"));
        await Farm.FinalAsync("tried");
        var stranger = await OpenAsync("/jobs/tried", await AccountAsync("otto", "submitter"));
        (await stranger.GetByText("Promote").CountAsync()).Should().Be(0);
        var token = await AccountAsync("anna", "submitter");
        await Farm.DoAsync("account", "maintain", "anna", "main");
        var page = await OpenAsync("/jobs/tried", token);
        await page.GetByText("Promote").ClickAsync();
        await page.GetByLabel("In bucket").SelectOptionAsync("main");
        Farm.Files("buckets/main/dummy-all")
            .Should()
            .NotContain(file => file.EndsWith("a.txt", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("was published in main for dummy-all");
        // What a page says was done is sealed: a link that somebody else has made says nothing.
        await page.GotoAsync(page.Url.Replace("published", "burnt", StringComparison.Ordinal));
        (await page.GetByText("burnt").CountAsync()).Should().Be(0);
        Farm.Files("buckets/main/dummy-all").Should().Contain(file => file.EndsWith("a.txt", StringComparison.Ordinal));
        Farm.Files("buckets/other/dummy-all")
            .Should()
            .NotContain(file => file.EndsWith("a.txt", StringComparison.Ordinal));
        (await Farm.DoAsync("bucket", "show", "main")).Should().MatchRegex(@"a\.txt +a +.* tried");
        (await Farm.DoAsync("promote", "tried", "other")).Should().StartWith("dummy-all: published in bucket other");
        Farm.Files("buckets/other/dummy-all")
            .Should()
            .Contain(file => file.EndsWith("a.txt", StringComparison.Ordinal));
        await File.WriteAllTextAsync($"{Farm.Spool}/results/tried/dummy-all/1/products/a.txt", "changed");
        var refused = await Farm.TryAsync("promote", "tried", "main");
        refused.ExitCode.Should().Be(1);
        refused.Output.Should().Contain("a.txt is not in").And.Contain("as it was made");
        (await Farm.TryAsync("promote", "tried", "nowhere")).Error.Should().Contain("there is no bucket 'nowhere'");
        Complaints.Should().BeEmpty();
    }
}
