using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>Pages in light and dark, on a desk and a telephone, and for those who do not see them; and logs of any length.</summary>
public sealed class AppearanceTests(Browser browser) : SiteTests(browser)
{
    private static readonly string Axe = $"/var/tmp/pkgforge-axe-4.14.1-{Native.Accounts.EffectiveUser}/axe.min.js";

    /// <summary>What axe-core finds wrong. Text of the colour of its ground it takes for hidden on purpose, and does not count; there is none here.</summary>
    private const string Accessible = """
        async () => {
            const found = await axe.run(document, {
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
                rules: { 'target-size': { enabled: false } },
            });
            const unseen = found.incomplete
                .filter(v => v.id === 'color-contrast')
                .map(v => ({ id: v.id, nodes: v.nodes.filter(n => n.any.some(check => check.data?.messageKey === 'equalRatio')) }))
                .filter(v => v.nodes.length > 0);
            return [...found.violations, ...unseen].map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | '));
        }
        """;

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task Pages_fit_and_keep_nobody_out(int width, ColorScheme scheme)
    {
        Executable.Require(File.Exists(Axe), "axe-core was not fetched: tests/environment test does it, with npm");
        await StartAsync();
        await Farm.SubmitAsync("good", Farm.Script("good", "print all is well", "product good.txt x"));
        await Farm.SubmitAsync("was-good", Farm.Script("bad", "print all is well", "product bad.txt x"));
        await Farm.FinalAsync("was-good");
        await Farm.SubmitAsync(
            "bad",
            "-p",
            "dummy,nowhere",
            Farm.Script("good", "print fine"),
            Farm.Script("bad", "print \u001b[31mmain.c:1: error: no\u001b[0m", "fail compile no")
        );
        await Farm.FinalAsync("good");
        await Farm.FinalAsync("bad");
        await Farm.SubmitAsync("waits", Farm.Script("waits", "hang"));
        await Farm.UntilAsync("waits", job => job.State == "building");
        await Farm.DoAsync("cap", "set", "submitter", "*", "8");
        var page = await OpenAsync(
            "/",
            await AccountAsync("anna", "admin"),
            new()
            {
                ColorScheme = scheme,
                ViewportSize = new() { Width = width, Height = 800 },
            }
        );
        foreach (
            var path in new[]
            {
                "/",
                "/jobs",
                "/jobs/bad",
                "/jobs/good",
                "/jobs/bad/resubmit",
                "/jobs/bad/dummy-all/1",
                "/buckets",
                "/buckets/main",
                "/buckets/main/dummy-all",
                "/buckets/main/dummy-all/difference?from=1&to=2",
                "/packages",
                "/packages/good",
                "/statistics",
                "/jobs/bad/dummy-all/1/changes",
                "/jobs/bad/dummy-all/1/root",
                "/api",
                "/api?about=jobs",
                "/api?about=types",
                "/builders",
                "/platforms",
                "/submit",
                "/admin",
                "/admin/platforms",
                "/admin/builders",
                "/admin/accounts",
                "/admin/caps",
                "/admin/audit",
                "/account",
                "/login/code",
                "/login/code?code=BBBB-BBBB",
                "/nowhere",
                "/login",
            }
        )
        {
            await page.GotoAsync(Url + path);
            await FitsAsync(page);
            await page.EvaluateAsync(await File.ReadAllTextAsync(Axe));
            // Numbers of lines are as small as lines are; the field "Line" does the same (WCAG 2.2, 2.5.8, equivalent).
            var found = await page.EvaluateAsync<string[]>(Accessible);
            found.Should().BeEmpty("of {0} at {1}, {2}", path, width, scheme);
            await PictureAsync(
                page,
                $"{(path == "/" ? "farm" : path.Trim('/').Replace('/', '-').Replace('?', '-').Replace('=', '-'))}-{width}-{scheme.ToString().ToLowerInvariant()}"
            );
        }
        await Farm.DoAsync("cancel", "waits");
    }

    [Fact]
    public async Task A_log_of_a_million_lines_opens_at_its_end_and_at_any_line()
    {
        await StartAsync();
        await Farm.SubmitAsync("long", Farm.Script("long", "print the beginning"));
        await Farm.FinalAsync("long");
        var path = $"{Farm.Spool}/results/long/dummy-all/1/log";
        await using (var log = new StreamWriter(path, append: true))
            for (var i = 1; i <= 1_000_000; i++)
                await log.WriteAsync($"gcc -O2 -c file-{i}.c -o file-{i}.o\n");
        var page = await OpenAsync("/jobs/long/dummy-all/1", await AccountAsync("anna", "viewer"));

        var log2 = page.Locator("#log");
        await Expect(log2).ToContainTextAsync("file-1000000.c");
        (await log2.Locator("> div").CountAsync()).Should().BeLessThanOrEqualTo(1000);
        await page.GetByLabel("Line").FillAsync("500000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go" }).ClickAsync();
        await Expect(page.Locator("#L500000")).ToBeVisibleAsync();
        await page.GetByLabel("Find").FillAsync("FILE-777777.C");
        await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Lines found" }))
            .ToContainTextAsync("file-777777.c");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Without_an_account_nothing_is_shown_unless_the_farm_says_so()
    {
        await StartAsync("serve: { anonymous: true }");
        await Farm.SubmitAsync("open", Farm.Script("open", "print a"));
        await Farm.FinalAsync("open");

        var page = await OpenAsync("/jobs/open");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "open" })).ToBeVisibleAsync();
        (await page.Locator("main button").CountAsync()).Should().Be(0, "there is nothing that one may do");
        (await page.GetByRole(AriaRole.Link, new() { Name = "Submit" }).CountAsync()).Should().Be(0);
    }
}
