using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>What admins do in a browser: each thing asks once, is done, and is said on the page.</summary>
public sealed class AdminPagesTests(Browser browser) : SiteTests(browser)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_farm_is_administered_by_its_pages(bool script)
    {
        await StartAsync();
        var page = await OpenAsync("/admin", await AccountAsync("root", "admin"), new() { JavaScriptEnabled = script });

        await GoAsync(page, "Platforms");
        await AskAsync(page, "Deactivate", "Deactivate dummy-all");
        await SaysAsync(page, "dummy-all is no longer active.");
        (await Farm.DoAsync("platform", "list")).Should().MatchRegex("dummy +all +dummy +no +yes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Activate dummy-all" }).ClickAsync();
        await SaysAsync(page, "dummy-all is active.");

        await GoAsync(page, "Builders");
        await page.GetByLabel("Name").FillAsync("b2");
        await page.GetByLabel("Platform").SelectOptionAsync("dummy-all");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add, and enrol a machine" }).ClickAsync();
        (await page.Locator(".once code").TextContentAsync())
            .Should()
            .MatchRegex($"^pkgforge buildd --server {Url} --enrol [a-z0-9-]+ --daemon$");
        await PictureAsync(page, "admin-enrol");
        await GoAsync(page, "Builders");
        (await page.Locator(".once").CountAsync()).Should().Be(0, "it is shown once");
        var row = page.GetByRole(AriaRole.Row, new() { Name = "b2" });
        await row.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Delete b2" }).ClickAsync();
        await SaysAsync(page, "b2 was deleted.");
        await AskAsync(page, "Delete", "Delete b1");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("builder b1 is running; stop its buildd first");

        await GoAsync(page, "Accounts");
        await page.GetByLabel("Name").FillAsync("anna");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await SaysAsync(page, "anna was added, submitter.");
        row = page.GetByRole(AriaRole.Row, new() { Name = "anna" });
        await row.GetByText("Make a token", new() { Exact = true }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Make a token for anna" }).ClickAsync();
        var token = await page.Locator(".once code").TextContentAsync();
        var hers = await OpenAsync("/jobs", token);
        await Expect(hers.Locator(".who")).ToContainTextAsync("anna");
        row = page.GetByRole(AriaRole.Row, new() { Name = "anna" });
        await row.GetByText("Remove", new() { Exact = true }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Remove anna" }).ClickAsync();
        await SaysAsync(page, "anna was removed.");

        await GoAsync(page, "Caps and priorities");
        await page.GetByLabel("Submitter").FillAsync("*");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set" }).First.ClickAsync();
        await SaysAsync(page, "everybody who has no cap of their own: at most 4 tasks at once.");
        await AskAsync(page, "Remove", "Remove the cap on everybody who has no cap of their own");
        await SaysAsync(page, "no cap.");

        await GoAsync(page, "What was done");
        await page.GetByLabel("Of what").FillAsync("b2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table)).ToContainTextAsync("delete builder");
        (await page.GetByRole(AriaRole.Row).CountAsync()).Should().Be(4, "added, enrolled and deleted, under a head");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Builders_are_looked_after_and_jobs_moved_where_they_are_seen()
    {
        await StartAsync();
        var page = await OpenAsync("/builders", await AccountAsync("root", "admin"));
        await AskAsync(page, "Drain", "Drain b1");
        await SaysAsync(page, "b1 gets no more tasks.");
        await Expect(page.Locator("#builders .state")).ToHaveTextAsync("draining");
        await Farm.SubmitAsync("waits", Farm.Script("waits", "print a"));
        await Farm.UntilAsync("waits", job => job.State == "registered");

        await page.GotoAsync($"{Url}/jobs/waits");
        await page.GetByText("Priority", new() { Exact = true }).First.ClickAsync();
        await page.GetByLabel("Priority").SelectOptionAsync("urgent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the priority" }).ClickAsync();
        await Expect(page.Locator(".facts").First).ToContainTextAsync("urgent");

        await page.GotoAsync($"{Url}/builders");
        await AskAsync(page, "Give tasks again", "Give b1 tasks again");
        await SaysAsync(page, "b1 gets tasks again.");
        (await Farm.FinalAsync("waits")).State.Should().Be("successful");
        var viewer = await OpenAsync("/builders", await AccountAsync("anna", "submitter"));
        (await viewer.GetByText("Drain").CountAsync()).Should().Be(0);
        Complaints.Should().BeEmpty();
    }

    private static Task GoAsync(IPage page, string name) =>
        page.GetByRole(AriaRole.Navigation, new() { Name = "Administration" })
            .GetByRole(AriaRole.Link, new() { Name = name })
            .ClickAsync();

    private static async Task AskAsync(IPage page, string summary, string button)
    {
        await page.GetByText(summary, new() { Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
    }

    private static Task SaysAsync(IPage page, string text) =>
        Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(text);
}
