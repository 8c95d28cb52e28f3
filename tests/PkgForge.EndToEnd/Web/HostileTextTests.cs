using System.Net.Http.Json;
using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>Whatever a package or a build can say is text in pages: nothing of it runs, and the content policy has nothing to report.</summary>
public sealed class HostileTextTests(Browser browser) : SiteTests(browser)
{
    private static readonly string[] Openings =
    [
        "",
        "\"",
        "'",
        "\">",
        "'>",
        "</span>",
        "</title>",
        "</script>",
        "-->",
        "]]>",
        "\u001b[31m",
        "\u001b]8;;",
        "`",
        "${",
    ];

    private static readonly string[] Bodies =
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<a href=javascript:alert(1)>x</a>",
        "<body onload=alert(1)>",
        "<details open ontoggle=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<object data=javascript:alert(1)>",
        "<embed src=data:text/html,<script>alert(1)</script>>",
        "<form action=javascript:alert(1)><button>x</button></form>",
        "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<base href=//evil.example/>",
        "<style>@import '//evil.example/x.css'</style>",
        "javascript:alert(1)//",
        "onmouseover=alert(1) x=",
        "{{constructor.constructor('alert(1)')()}}",
        "<template><script>alert(1)</script></template>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<scr\u0000ipt>alert(1)</scr\u0000ipt>",
    ];

    /// <summary>Mail addresses that the farm takes.</summary>
    private static readonly string[] Addresses =
    [
        "'onmouseover='alert`1`'@example.org",
        "&ltimg/src=x/onerror=alert`1`&gt@example.org",
        "x@`${alert`1`}`",
        "{{alert`1`}}@--!",
    ];

    /// <summary>Addresses that take what a visitor types.</summary>
    private static readonly string[] Typed =
    [
        "/jobs?submitter=TEXT",
        "/jobs?source=TEXT&bucket=TEXT",
        "/jobs?from=TEXT",
        "/jobs/printed/dummy-all/1?q=TEXT",
        "/jobs/TEXT",
        "/packages?q=TEXT",
        "/packages/TEXT",
        "/buckets/TEXT",
        "/buckets/main/dummy-all?q=TEXT&after=TEXT",
        "/statistics?window=TEXT",
        "/login?to=TEXT",
        "/admin/audit?account=TEXT&action=TEXT&subject=TEXT",
        "/admin/builders?said=TEXT&seal=TEXT",
    ];

    [Fact]
    public async Task Three_hundred_payloads_run_nowhere()
    {
        var payloads = Openings.SelectMany(opening => Bodies.Select(body => opening + body)).ToList();
        payloads.Count.Should().BeGreaterThanOrEqualTo(300);
        await StartAsync();
        // One build prints all of them; a few also fail with one as their message, which then is in every list.
        await Farm.SubmitAsync(
            "printed",
            Farm.Script("printed", [.. payloads.Select(text => $"print {Flat(text)}"), "product a+b~c.txt x"])
        );
        var shown = payloads.Where((_, i) => i % 40 == 0).ToList();
        // The same name succeeded before: its log is compared with that of the failure, line by line.
        for (var i = 0; i < shown.Count; i++)
            await Farm.SubmitAsync($"good-{i}", Farm.Script($"fails-{i}", "print fine"));
        for (var i = 0; i < shown.Count; i++)
            await Farm.FinalAsync($"good-{i}");
        for (var i = 0; i < shown.Count; i++)
            await Farm.SubmitAsync(
                $"fails-{i}",
                "-r",
                Addresses[i % Addresses.Length],
                Farm.Script($"fails-{i}", $"print {Flat(shown[i])}", $"fail compile {Flat(shown[i])}")
            );
        // A source package may be called nearly anything.
        var name = "\"><img src=x onerror=alert(1)>_<b>1</b>";
        await Farm.SubmitAsync("named", Named(name, "fail compile no"));
        await Farm.FinalAsync("named");
        await Farm.DoAsync("retry", "named");
        await Farm.FinalAsync("named");
        await Farm.FinalAsync("printed");
        for (var i = 0; i < shown.Count; i++)
            await Farm.FinalAsync($"fails-{i}");
        var token = await AccountAsync("anna", "admin");
        await LabelAsync(token);
        var page = await OpenAsync("/", token);

        List<string> paths =
        [
            "/",
            "/jobs",
            "/jobs/printed",
            "/jobs/printed/dummy-all/1",
            "/jobs/printed/dummy-all/1/log",
            "/admin",
            "/admin/accounts",
            "/admin/audit",
            "/admin/builders",
            "/admin/caps",
            "/builders",
            "/buckets/main/dummy-all",
            "/packages",
            $"/packages/{Uri.EscapeDataString(name.Split('_')[0])}",
            "/statistics?window=day",
        ];
        for (var i = 0; i < shown.Count; i++)
            paths.AddRange([
                $"/jobs/fails-{i}",
                $"/jobs/fails-{i}/resubmit",
                $"/jobs/fails-{i}/dummy-all/1",
                $"/jobs/fails-{i}/dummy-all/1/changes",
            ]);
        // What a visitor types into an address is hostile, too: somebody may have made the link. The texts take turns at the addresses.
        var addresses = 0;
        foreach (var text in payloads.Where((_, i) => i % 3 == 0))
        {
            var typed = Uri.EscapeDataString(Flat(text));
            paths.Add(Typed[addresses++ % Typed.Length].Replace("TEXT", typed, StringComparison.Ordinal));
        }
        foreach (var path in paths)
        {
            await page.GotoAsync(Url + path);
            await IsHarmlessAsync(page, path);
        }
        // Addresses that name nothing are answered 404, which the browser notes.
        Complaints.Where(text => !text.Contains("status of 40", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task Lines_that_come_while_a_log_is_looked_at_run_nowhere()
    {
        await StartAsync();
        var page = await OpenAsync("/jobs", await AccountAsync("anna", "submitter"));
        var payloads = Openings.SelectMany(opening => Bodies.Select(body => opening + body)).ToList();
        await Farm.SubmitAsync(
            "live",
            Farm.Script(
                "live",
                [
                    "sleep 4",
                    .. payloads
                        .Chunk(20)
                        .SelectMany(some => some.Select(text => $"print {Flat(text)}").Append("sleep 0.2")),
                ]
            )
        );
        await Farm.UntilAsync("live", job => job.State == "building");
        await page.GotoAsync($"{Url}/jobs/live/dummy-all/1");
        await Expect(page.Locator("#end")).ToHaveTextAsync("The build goes on.");
        var before = await page.Locator("#log div").CountAsync();

        await Expect(page.Locator("#end")).ToHaveTextAsync("The build has ended.");

        (await page.Locator("#log div").CountAsync()).Should().BeGreaterThan(payloads.Count);
        before.Should().BeLessThan(payloads.Count / 2, "most of them come by themselves");
        await IsHarmlessAsync(page, "a log that grows");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Names_of_files_that_are_refused_run_nowhere()
    {
        await StartAsync();
        var page = await OpenAsync("/submit", await AccountAsync("anna", "submitter"));
        FilePayload[] files =
        [
            .. Bodies.Select(
                (body, i) =>
                    new FilePayload
                    {
                        Name = $"{i}{Flat(body)}.dummy",
                        MimeType = "text/plain",
                        Buffer = "x"u8.ToArray(),
                    }
            ),
        ];
        await page.GetByLabel("Source packages").SetInputFilesAsync(files);

        await page.GetByRole(AriaRole.Button, new() { Name = "Submit" }).ClickAsync();

        await Expect(page.Locator(".sent .bad")).ToHaveCountAsync(files.Length);
        await IsHarmlessAsync(page, "/submit");
        Complaints.Where(text => !text.Contains("status of 40", StringComparison.Ordinal)).Should().BeEmpty();
    }

    private static async Task IsHarmlessAsync(IPage page, string path)
    {
        (
            await page.Locator(
                    "main script, main iframe, main img, main object, main embed, main style, main link, main meta, main base, main svg:not(.plot)"
                )
                .CountAsync()
        )
            .Should()
            .Be(0, "of {0}", path);
        (
            await page.EvaluateAsync<bool>(
                "[...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => a.name.startsWith('on')))"
            )
        )
            .Should()
            .BeFalse("of {0}", path);
        (
            await page.EvaluateAsync<bool>(
                "[...document.querySelectorAll('a[href]')].some(a => !a.href.startsWith(location.origin + '/'))"
            )
        )
            .Should()
            .BeFalse("of {0}", path);
    }

    /// <summary>Tokens with labels that are payloads; what was done is noted with them.</summary>
    private async Task LabelAsync(string token)
    {
        using var client = new HttpClient { BaseAddress = new($"{Url}/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var made = 0;
        foreach (var text in Bodies)
        {
            using var answer = await client.PostAsJsonAsync("accounts/anna/tokens", new { label = text });
            made += answer.IsSuccessStatusCode ? 1 : 0;
        }
        made.Should().BeGreaterThan(Bodies.Length / 2);
    }

    /// <summary>A script whose file has another name than what it says.</summary>
    private string Named(string name, params string[] steps)
    {
        var path = $"{Farm.Directory}/sources/{name.Replace("/", "", StringComparison.Ordinal)}.dummy";
        File.Move(Farm.Script("named", steps), path);
        return path;
    }

    /// <summary>A step of a script is one line of text.</summary>
    private static string Flat(string text) => text.Replace("\u0000", "", StringComparison.Ordinal);
}
