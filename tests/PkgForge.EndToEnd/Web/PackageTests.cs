using System.Text.Json;
using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>Buckets, packages, statistics and the farm's pulse, of a farm that builds and publishes.</summary>
public sealed class PackageTests(Browser browser) : SiteTests(browser)
{
    [Fact]
    public async Task A_bucket_shows_where_its_packages_come_from_and_what_a_publication_changed()
    {
        await StartAsync("repositories_url: https://forge.example.org/buckets");
        await BuildAsync("first", "hello", "1.0", "product hello_1.0_all.txt one");
        await BuildAsync("second", "hello", "1.1", "product hello_1.1_all.txt two");
        await BuildAsync("third", "world", "7", "product world_7_all.txt three");
        var page = await OpenAsync("/buckets", await AccountAsync("anna", "viewer"));

        var row = page.GetByRole(AriaRole.Region, new() { Name = "main" })
            .GetByRole(AriaRole.Row, new() { Name = "dummy-all" });
        await Expect(row).ToContainTextAsync("3");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Locator("pre")).ToContainTextAsync("https://forge.example.org/buckets/main/dummy-all");
        var file = page.GetByRole(AriaRole.Row, new() { Name = "1.1" }).First;
        await Expect(file.GetByRole(AriaRole.Link, new() { Name = "hello" })).ToBeVisibleAsync();
        await Expect(file.GetByRole(AriaRole.Link, new() { Name = "second" }))
            .ToHaveAttributeAsync("href", "/jobs/second/dummy-all/1");
        await PictureAsync(page, "bucket");
        await page.GetByLabel("Name").FillAsync("WORLD");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(page.GetByText("1 package", new() { Exact = true })).ToBeVisibleAsync();

        // Snapshot 1 was made empty, when the builder came.
        await page.GetByRole(AriaRole.Link, new() { Name = "since 2" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Upgraded" }))
            .ToContainTextAsync("hello_1.1_all.txt");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Upgraded" })).ToContainTextAsync("1.0");
        await PictureAsync(page, "difference");
        await page.GotoAsync($"{Url}/buckets/main/dummy-all?snapshot=2");
        await Expect(page.GetByText("As it was in snapshot 2.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "1.0" }).First).ToBeVisibleAsync();
        await page.GotoAsync($"{Url}/buckets/main/dummy-all?snapshot=99");
        await Expect(page.GetByText("snapshot 99 is not kept")).ToBeVisibleAsync();
        Complaints.Where(text => !text.Contains("status of 40", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_package_is_found_and_shown_over_time()
    {
        await StartAsync();
        await BuildAsync("first", "hello", "1.0", "product hello_1.0_all.txt one");
        await BuildAsync("second", "hello", "1.1", "fail compile no");
        await BuildAsync("other", "world", "7", "print a");
        var page = await OpenAsync("/packages", await AccountAsync("anna", "viewer"));

        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "world" })).ToBeVisibleAsync();
        await page.GetByLabel("Name").FillAsync("ELL");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{Url}/packages?q=ELL");
        await page.GetByRole(AriaRole.Link, new() { Name = "hello" }).ClickAsync();
        var builds = page.GetByRole(AriaRole.Region, new() { Name = "Builds" }).GetByRole(AriaRole.Row);
        await Expect(builds).ToHaveCountAsync(3);
        await Expect(builds.Nth(1)).ToContainTextAsync("1.1");
        await Expect(builds.Nth(2).Locator(".state.success")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "In buckets" })).ToContainTextAsync("1.0");
        await PictureAsync(page, "package");
        await builds.Nth(1).Locator("a.state").ClickAsync();
        await Expect(page).ToHaveURLAsync($"{Url}/jobs/second/dummy-all/1");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task The_pulse_of_the_farm_is_shown_without_script_and_changes_by_itself_with_it()
    {
        await StartAsync();
        var token = await AccountAsync("anna", "viewer");
        var page = await OpenAsync("/", token);
        await Expect(page.Locator("#throughput-title")).ToBeVisibleAsync();

        await BuildAsync("good", "hello", "1.0", "print a");
        await BuildAsync("bad", "broken", "1.0", "fail compile no");
        await Expect(page.Locator(".keys")).ToContainTextAsync("1 success");
        await Expect(page.Locator(".keys")).ToContainTextAsync("1 fail");
        await Farm.SubmitAsync("busy", Farm.Script("busy", "hang"));
        await Farm.UntilAsync("busy", job => job.State == "building");
        await Farm.SubmitAsync("behind", Farm.Script("behind", "print a"));
        await Expect(page.Locator(".bars .number")).ToHaveTextAsync("1");
        await PictureAsync(page, "pulse");

        var plain = await OpenAsync(
            "/statistics?window=day",
            await AccountAsync("otto", "viewer"),
            new() { JavaScriptEnabled = false }
        );
        (await plain.Locator("svg.plot rect").CountAsync()).Should().BeGreaterThanOrEqualTo(2);
        await Expect(plain.GetByRole(AriaRole.Img, new() { Name = "Builds that ended" })).ToBeVisibleAsync();
        await plain.GetByText("Numbers", new() { Exact = true }).ClickAsync();
        await Expect(plain.Locator(".figure table").GetByRole(AriaRole.Row)).ToHaveCountAsync(25);
        await Expect(plain.GetByRole(AriaRole.Region, new() { Name = "Platforms" })).ToContainTextAsync("50 %");
        await Expect(plain.GetByRole(AriaRole.Region, new() { Name = "Failing most" })).ToContainTextAsync("broken");
        await PictureAsync(plain, "statistics");
        await Farm.DoAsync("cancel", "behind");
        await Farm.DoAsync("cancel", "busy");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task The_api_tells_the_same()
    {
        await StartAsync();
        await BuildAsync("first", "hello", "1.0", "product hello_1.0_all.txt one");
        await BuildAsync("second", "hello", "1.1", "product hello_1.1_all.txt two");
        (await Farm.DoAsync("bucket", "show", "main", "dummy-all"))
            .Should()
            .MatchRegex(@"dummy-all +hello_1\.0_all\.txt +hello +1\.0 +first")
            .And.MatchRegex(@"dummy-all +hello_1\.1_all\.txt +hello +1\.1 +second");
        (await Farm.TryAsync("bucket", "show", "none"))
            .Error.Should()
            .Contain("there is no bucket 'none'; there are: main");
        using var http = new HttpClient { BaseAddress = new($"{Url}/api/v1/") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", await AccountAsync("anna", "viewer"));

        var bucket = (await GetAsync(http, "buckets"))[0];
        bucket.GetProperty("name").GetString().Should().Be("main");
        bucket.GetProperty("repositories")[0].GetProperty("packages").GetInt32().Should().Be(2);
        var contents = await GetAsync(http, "buckets/main/dummy-all?limit=1");
        var file = contents.GetProperty("files")[0];
        file.GetProperty("name").GetString().Should().Be("hello_1.0_all.txt");
        (file.GetProperty("source").GetString(), file.GetProperty("job").GetString()).Should().Be(("hello", "first"));
        contents.GetProperty("snapshots")[0].GetProperty("job").GetString().Should().Be("second");
        var next = await GetAsync(http, contents.GetProperty("next").GetString()!);
        next.GetProperty("files")[0].GetProperty("name").GetString().Should().Be("hello_1.1_all.txt");
        next.TryGetProperty("next", out _).Should().BeFalse();
        var difference = await GetAsync(http, "buckets/main/dummy-all/difference?from=2&to=3");
        difference.GetProperty("upgraded")[0].GetProperty("former")[0].GetString().Should().Be("1.0");
        (await GetAsync(http, "packages?q=HELL"))
            .GetProperty("packages")[0]
            .GetProperty("version")
            .GetString()
            .Should()
            .Be("1.1");
        var package = await GetAsync(http, "packages/hello");
        package
            .GetProperty("builds")[0]
            .GetProperty("tasks")[0]
            .GetProperty("state")
            .GetString()
            .Should()
            .Be("success");
        package.GetProperty("published").GetArrayLength().Should().Be(2);
        var statistics = await GetAsync(http, "statistics?window=month");
        statistics.GetProperty("periods").GetArrayLength().Should().Be(30);
        statistics.GetProperty("platforms")[0].GetProperty("success_rate").GetDouble().Should().Be(1);
        foreach (
            var bad in new[]
            {
                "buckets/none",
                "buckets/main/none",
                "buckets/main/dummy-all?snapshot=9",
                "packages/none",
            }
        )
            (await http.GetAsync(bad, TestContext.Current.CancellationToken))
                .StatusCode.Should()
                .Be(System.Net.HttpStatusCode.NotFound, "of {0}", bad);
        foreach (
            var bad in new[]
            {
                "statistics?window=year",
                "packages?limit=0",
                "buckets/main/dummy-all/difference?from=x",
            }
        )
            (await http.GetAsync(bad, TestContext.Current.CancellationToken))
                .StatusCode.Should()
                .Be(System.Net.HttpStatusCode.BadRequest, "of {0}", bad);
    }

    /// <summary>Submits a source package of this name and version, and waits for its end.</summary>
    private async Task BuildAsync(string id, string name, string version, params string[] steps)
    {
        var path = $"{Farm.Directory}/sources/{name}_{version}.dummy";
        await File.WriteAllTextAsync(path, $"name {name} {version}\n{string.Join('\n', steps)}\n");
        await Farm.SubmitAsync(id, path);
        await Farm.FinalAsync(id);
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string path)
    {
        var text = await http.GetStringAsync(path, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(text).RootElement;
    }
}
