using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>Tests of a farm's pages in a browser: the farm in a box, a builder, and whoever logs in.</summary>
public abstract class SiteTests(Browser browser) : FarmTests
{
    private readonly List<string> complaints = [];

    private protected TestFarm Farm { get; private set; } = null!;

    /// <summary>Where the site is, without a slash at its end.</summary>
    protected string Url { get; private set; } = "";

    /// <summary>What the browser has complained about: scripts that failed, what the content policy refused.</summary>
    protected IReadOnlyList<string> Complaints => complaints;

    /// <summary>Starts a farm with its site and its builder.</summary>
    private protected async Task StartAsync(string more = "")
    {
        Farm = await MakeFarmAsync(new() { More = more });
        var box = Farm.Start("serve", "--listen", "http://127.0.0.1:0", "--incoming", "--builder", "b1");
        await box.SaysAsync("serving at ");
        Url = box.ServesAt;
        await box.SaysAsync("buildd b1 is running");
    }

    /// <summary>Starts a farm with its site at an address that is known before.</summary>
    /// <param name="address">Where.</param>
    /// <param name="more">More of the configuration.</param>
    /// <param name="file">A file that the farm's user reads.</param>
    /// <param name="words">More of the command.</param>
    private protected async Task<FarmProcess> StartAtAsync(
        string address,
        string more,
        string file,
        params string[] words
    )
    {
        Farm = await MakeFarmAsync(new() { More = more });
        await Farm.GiveAsync(file);
        Url = address;
        var box = Farm.Start(["serve", "--listen", address, .. words]);
        await box.SaysAsync("serving at ");
        return box;
    }

    /// <summary>Makes an account, and returns a token of it.</summary>
    protected async Task<string> AccountAsync(string name, string role)
    {
        await Farm.DoAsync("account", "add", name, "--role", role);
        return (await Farm.DoAsync("account", "token", name)).Trim();
    }

    /// <summary>A page in a window of its own; whoever has a token is logged in.</summary>
    protected async Task<IPage> OpenAsync(string path, string? token = null, BrowserNewContextOptions? options = null)
    {
        var window = Keep(await browser.OpenAsync(options ?? new()));
        var page = await window.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Dialog += async (_, dialog) =>
        {
            complaints.Add($"a dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        await page.GotoAsync(Url + path);
        if (token is null)
            return page;
        await page.GetByLabel("Token").FillAsync(token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(Url + path);
        return page;
    }

    /// <summary>Keeps a picture of the whole page among the results of the tests.</summary>
    protected static Task PictureAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Pictures, $"{name}.png"), FullPage = true });

    /// <summary>Nothing is wider than the window.</summary>
    protected static async Task FitsAsync(IPage page) =>
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"))
            .Should()
            .BeTrue("{0} fits into its window", page.Url);
}
