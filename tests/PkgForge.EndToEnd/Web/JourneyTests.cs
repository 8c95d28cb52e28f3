using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>What people come for: submit, watch, see why it failed, cancel, try again.</summary>
public sealed class JourneyTests(Browser browser) : SiteTests(browser)
{
    [Fact]
    public async Task Who_comes_for_the_first_time_submits_watches_and_sees_why_it_failed()
    {
        await StartAsync();
        var page = await OpenAsync("/submit", await AccountAsync("anna", "submitter"));
        var script = Farm.Script(
            "broken",
            [
                .. Enumerable.Range(1, 40).SelectMany(i => new[] { $"print step {i}", "sleep 0.1" }),
                "fail compile main.c does not compile",
            ]
        );
        await page.GetByLabel("Bucket").SelectOptionAsync("main");
        await page.GetByLabel("Source packages").SetInputFilesAsync(script);
        await PictureAsync(page, "submit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
        await Expect(page.Locator("#job")).ToBeVisibleAsync();

        // The page of the job changes by itself, from incoming to building.
        await Expect(page.Locator("#job .state.building").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Attempt 1" }).ClickAsync();
        var log = page.Locator("#log");
        var before = await log.Locator("div").CountAsync();
        await Expect(log).ToContainTextAsync("step 40");
        (await log.Locator("div").CountAsync()).Should().BeGreaterThan(before, "lines come by themselves");
        await Expect(page.Locator("#attempt .cause")).ToHaveTextAsync("compile");
        await Expect(page.Locator("#end")).ToHaveTextAsync("The build has ended.");
        await page.ReloadAsync();
        await Expect(page.Locator("#attempt .evidence")).ToContainTextAsync("main.c does not compile");
        await PictureAsync(page, "attempt");
        var stage = log.Locator("details", new() { HasText = "step 40" });
        await Expect(stage.Locator("> div").First).ToBeVisibleAsync();
        await stage.Locator("summary").ClickAsync();
        await Expect(stage.Locator("> div").First).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Where this is" })
            .GetByRole(AriaRole.Link)
            .ClickAsync();
        await PictureAsync(page, "job");
        await page.GetByRole(AriaRole.Link, new() { Name = "My jobs" }).ClickAsync();
        await page.Locator("main table").GetByRole(AriaRole.Link).First.ClickAsync();
        await page.GetByText("Retry what failed").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Attempt 2" })).ToBeVisibleAsync();
        await page.GetByText("Cancel", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the job" }).ClickAsync();
        await Expect(page.Locator("#job .state.cancelled").First).ToBeVisibleAsync();
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_wrong_with_a_source_is_said_in_the_words_of_the_command_line()
    {
        await StartAsync();
        var page = await OpenAsync("/submit", await AccountAsync("anna", "submitter"));
        var bad = $"{Farm.Directory}/sources/bad.dummy";
        await File.WriteAllTextAsync(bad, "no such step\n");
        var stranger = $"{Farm.Directory}/sources/stranger.tar.gz";
        await File.WriteAllTextAsync(stranger, "x");

        var good = Farm.Script("good", "print a");
        var sent = 0;
        page.Request += (_, request) => sent += request.Url.EndsWith("/submit/file", StringComparison.Ordinal) ? 1 : 0;
        var (files, submit) = (
            page.GetByLabel("Source packages"),
            page.GetByRole(AriaRole.Button, new() { Name = "Submit" })
        );
        await page.GetByLabel("Report to").FillAsync("anna@example.org");

        await files.SetInputFilesAsync([bad, good, stranger]);
        await submit.ClickAsync();

        await Expect(page.Locator(".sent .bad"))
            .ToHaveTextAsync("bad.dummy bad.dummy: line 1: is not 'name NAME VERSION' [script]");
        await Expect(page.Locator(".sent li").Nth(1)).ToHaveTextAsync("good.dummy checked");
        await Expect(page.Locator(".sent li").Nth(2)).ToHaveTextAsync("stranger.tar.gz has come");
        (await page.EvaluateAsync<double>("document.querySelectorAll('.sent progress')[1].value")).Should().Be(1);
        await PictureAsync(page, "submit-checked");
        Directory.EnumerateDirectories(Farm.Incoming, "[!.]*").Should().BeEmpty("nothing was submitted");
        await files.SetInputFilesAsync([good, stranger]);
        await submit.ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert))
            .ToContainTextAsync("stranger.tar.gz belongs to none of the source packages");
        await Expect(page.GetByLabel("Report to")).ToHaveValueAsync("anna@example.org");
        sent.Should().Be(3, "what has come is not sent again");
        await files.SetInputFilesAsync(good);
        await submit.ClickAsync();

        await Expect(page.Locator("#job")).ToBeVisibleAsync();
        sent.Should().Be(3);
    }

    [Fact]
    public async Task What_a_visitor_has_open_does_not_keep_the_page_from_changing()
    {
        await StartAsync();
        await Farm.SubmitAsync("slow", Farm.Script("slow", "sleep 5"));
        await Farm.UntilAsync("slow", job => job.State == "building");
        var page = await OpenAsync("/jobs/slow", await AccountAsync("anna", "admin"));
        await page.GetByText("Manifest", new() { Exact = true }).ClickAsync();
        await page.GetByText("Cancel", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancel the job" })).ToBeVisibleAsync();

        await Expect(page.Locator("#job .state.successful").First).ToBeVisibleAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancel the job" })).ToHaveCountAsync(0);
        (await page.Locator("details[open] > summary").AllTextContentsAsync()).Should().Contain("Manifest");
    }

    [Fact]
    public async Task What_a_visitor_has_chosen_is_not_taken_from_under_his_hand()
    {
        await StartAsync();
        await Farm.SubmitAsync("slow", Farm.Script("slow", "sleep 5"));
        await Farm.UntilAsync("slow", job => job.State == "building");
        var page = await OpenAsync("/jobs/slow", await AccountAsync("anna", "admin"));
        var (summary, select) = (
            page.GetByText("Priority", new() { Exact = true }).First,
            page.Locator("select[name=priority]")
        );
        await summary.ClickAsync();
        await select.SelectOptionAsync("urgent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the priority" }).FocusAsync();
        await Farm.FinalAsync("slow");
        await page.WaitForTimeoutAsync(1500);

        await Expect(select).ToHaveValueAsync("urgent");
        await Expect(page.Locator("#job .state.building").First).ToBeVisibleAsync();
        await summary.ClickAsync();

        await Expect(page.Locator("#job .state.successful").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_script_all_of_it_works_too()
    {
        await StartAsync();
        var page = await OpenAsync(
            "/submit",
            await AccountAsync("anna", "submitter"),
            new() { JavaScriptEnabled = false }
        );
        await page.GetByLabel("Source packages")
            .SetInputFilesAsync(Farm.Script("plain", "print by hand", "fail test 1 of 2 failed"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();
        await Expect(page.Locator("#job")).ToBeVisibleAsync();
        var id = page.Url.Split('/')[^1];
        await Farm.FinalAsync(id);

        await page.ReloadAsync();
        await Expect(page.Locator("#job")).ToContainTextAsync("1 of 2 failed");
        await page.GetByRole(AriaRole.Link, new() { Name = "Attempt 1" }).ClickAsync();
        await Expect(page.Locator("#log")).ToContainTextAsync("by hand");
        await page.GetByLabel("Find").FillAsync("BY HAND");
        await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 3 })).ToContainTextAsync("1 lines with");
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        await StartAsync();
        await Farm.SubmitAsync("one", Farm.Script("a", "fail compile no"));
        await Farm.FinalAsync("one");
        var page = await OpenAsync("/", await AccountAsync("anna", "admin"));
        await page.ReloadAsync();

        await page.Keyboard.PressAsync("Tab");
        (await FocusedAsync(page)).Should().Be("Skip to the content");
        await ReachAsync(page, "one");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync($"{Url}/jobs/one");
        await ReachAsync(page, "Retry what failed");
        await page.Keyboard.PressAsync("Enter");
        await ReachAsync(page, "Retry");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Attempt 2" })).ToBeVisibleAsync();
    }

    private static async Task ReachAsync(IPage page, string text)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await FocusedAsync(page) == text)
                return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"'{text}' is not reached by the keyboard on {page.Url}");
    }

    private static Task<string> FocusedAsync(IPage page) =>
        page.EvaluateAsync<string>("(document.activeElement.textContent || '').trim()");
}
