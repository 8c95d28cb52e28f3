using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using Xunit;

[assembly: AssemblyFixture(typeof(PkgForge.EndToEnd.Web.Browser))]

namespace PkgForge.EndToEnd.Web;

/// <summary>Debian's Chromium, started once for all tests that look at pages.</summary>
public sealed class Browser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>Other tests build packages meanwhile. Milliseconds.</summary>
    private const int Patience = 30_000;

    private readonly SemaphoreSlim starting = new(1);
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Where screenshots are kept: in the results of the test run.</summary>
    public static string Pictures { get; } = Path.Combine(AppContext.BaseDirectory, "TestResults", "screenshots");

    /// <summary>A window of its own, without anything that another has kept.</summary>
    public async Task<IBrowserContext> OpenAsync(BrowserNewContextOptions options)
    {
        Executable.Require(File.Exists(Chromium), "Chromium is not installed: tests/environment test installs it");
        await starting.WaitAsync();
        try
        {
            playwright ??= await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout(Patience);
            browser ??= await playwright.Chromium.LaunchAsync(
                // Root has no sandbox of Chromium's; the pages are the test's own.
                new() { ExecutablePath = Chromium, Args = Executable.RunsAsRoot ? ["--no-sandbox"] : [] }
            );
        }
        finally
        {
            starting.Release();
        }
        return await browser.NewContextAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        starting.Dispose();
    }
}
