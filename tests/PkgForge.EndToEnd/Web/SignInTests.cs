using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using Microsoft.Playwright;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>Logging in, in a browser: at a provider of identities, for a command, and what an account's owner sees.</summary>
public sealed class SignInTests(Browser browser) : SiteTests(browser)
{
    private TestProvider provider = null!;
    private string secretFile = "";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_goes_to_a_provider_comes_back_logged_in(bool script)
    {
        await StartWithProviderAsync();
        await Farm.DoAsync("account", "add", "anna", "--role", "submitter");
        // The provider's name is another site's: the browser keeps strict cookies from what comes from there.
        var page = await OpenAsync("/jobs?state=failed", options: new() { JavaScriptEnabled = script });
        await PictureAsync(page, "login-ways");

        await page.GetByRole(AriaRole.Link, new() { Name = "Log in with localhost" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "I am anna" }).ClickAsync();

        await Expect(page).ToHaveURLAsync($"{Url}/jobs?state=failed");
        await page.GetByRole(AriaRole.Link, new() { Name = "anna" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "anna" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Log out", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{Url}/login");
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task Who_is_not_let_in_sees_why()
    {
        await StartWithProviderAsync();
        var page = await OpenAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Log in with localhost" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "I am anna" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Not logged in" })).ToBeVisibleAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("there is no account 'anna'");
        await PictureAsync(page, "login-refused");
    }

    [Fact]
    public async Task A_command_on_another_machine_is_let_in_with_a_browser()
    {
        await StartAsync();
        var token = await AccountAsync("anna", "submitter");
        var home = $"{Farm.Directory}/anna";
        Directory.CreateDirectory(home);
        await Farm.GiveAsync(home);
        var start = Executable.Start(["login", "--browser", Url]);
        start.Environment["XDG_CONFIG_HOME"] = home;
        var command = Farm.Run(FarmProcess.Start(start));
        await command.SaysAsync("Waiting");
        var path = Regex.Match(command.Error, @"/login/code\?code=(?<code>[A-Z-]{9})", RegexOptions.ExplicitCapture);

        var page = await OpenAsync(path.Value, token);
        await Expect(page.Locator("main")).ToContainTextAsync(path.Groups["code"].Value);
        await PictureAsync(page, "login-code");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("The command is logged in");
        (await command.EndAsync()).Output.Should().StartWith("anna, submitter; the token is in ");
        var status = Executable.Start(["status", "--target", Url]);
        status.Environment["XDG_CONFIG_HOME"] = home;
        (await Farm.Run(FarmProcess.Start(status)).EndAsync()).ExitCode.Should().Be(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Your sessions and tokens" }).ClickAsync();
        await PictureAsync(page, "account");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("End token 'login on .*") }).ClickAsync();
        await Expect(page.Locator("main")).Not.ToContainTextAsync("login on");
        var after = Executable.Start(["status", "--target", Url]);
        after.Environment["XDG_CONFIG_HOME"] = home;
        (await Farm.Run(FarmProcess.Start(after)).EndAsync()).ExitCode.Should().Be(5);
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task No_secret_is_written_to_the_servers_log()
    {
        var box = await StartWithProviderAsync("--debug");
        provider.Asks = false;
        var token = await AccountAsync("anna", "admin");
        using var visitor = new TestBrowser(new(Url));
        List<string> secrets = [token, TestProvider.ClientSecret, .. await SecretsOfAsync(visitor, token)];
        using var http = new HttpClient { BaseAddress = new(Url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await http.GetStringAsync("/api/v1/me");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "pfa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        using var wrong = await http.GetAsync("/api/v1/jobs");
        using var negotiate = new HttpRequestMessage(HttpMethod.Get, "/jobs");
        negotiate.Headers.TryAddWithoutValidation("Authorization", "Negotiate YIIabcdefghijkl");
        using var refused = await http.SendAsync(negotiate);
        await box.SaysAsync("GET /jobs: 401");

        provider.Secrets.Should().HaveCountGreaterThanOrEqualTo(2);
        secrets.AddRange([.. provider.Secrets, "pfa_AAAA", "YIIabc"]);
        var log = box.Error;
        log.Should().Contain("GET /login/oidc/callback: 200", "the server tells of every request");
        secrets.Where(secret => log.Contains(secret, StringComparison.Ordinal)).Should().BeEmpty();
        log.Should().NotContainAny("Bearer", "code=", "state=", "pfs_", "pfc_");
    }

    /// <summary>Logs in in every way, and returns all that must stay secret: cookies, states, codes, tokens of forms, new tokens.</summary>
    private async Task<IReadOnlyList<string>> SecretsOfAsync(TestBrowser visitor, string token)
    {
        var first = await visitor.PostAsync("/login", ("token", token));
        var page = await visitor.GetAsync("/account");
        var made = await visitor.PostAsync("/account/token", ("form", page.Form), ("label", "x"), ("days", "1"));
        var start = await visitor.GetAsync("/login/oidc");
        var back = (await visitor.GetAsync(start.Header("Location"))).Header("Location");
        var end = await visitor.GetAsync(back);
        end.Status.Should().Be(HttpStatusCode.OK, "of {0}", end.Text);
        using var http = new HttpClient { BaseAddress = new(Url) };
        using var host = new StringContent("{\"host\":\"desk\"}");
        using var begun = await http.PostAsync("/api/v1/login/code", host);
        var claim = Between(await begun.Content.ReadAsStringAsync(), "\"claim\":\"", "\"");
        using var asked = new StringContent($"{{\"claim\":\"{claim}\"}}");
        using var answer = await http.PostAsync("/api/v1/login/code/token", asked);
        return
        [
            first.Session,
            page.Form,
            Between(made.Text, "<code class=\"names\">", "<"),
            Between(start.Cookies.Single(), "=", "."),
            Between(back, "state=", "&"),
            Between($"{back}&", "code=", "&"),
            end.Session,
            claim,
        ];
    }

    private static string Between(string text, string before, string after) =>
        $"{text}&".Split(before)[1].Split(after)[0];

    private async Task<FarmProcess> StartWithProviderAsync(params string[] words)
    {
        provider = Keep(await TestProvider.StartAsync());
        provider.Asks = true;
        secretFile = Path.Combine(Path.GetTempPath(), $"pkgforge-secret-{Guid.NewGuid():N}");
        Keep(new Removed(secretFile));
        await File.WriteAllTextAsync(secretFile, $"{TestProvider.ClientSecret}\n");
        File.SetUnixFileMode(secretFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var port = FreePort();
        provider.Callbacks.Add($"http://127.0.0.1:{port}/login/oidc/callback");
        return await StartAtAsync(
            $"http://127.0.0.1:{port}",
            $"serve: {{ url: \"http://127.0.0.1:{port}\", oidc: {{ issuer: \"{provider.Issuer}\", client_id: {TestProvider.ClientId}, client_secret_file: {secretFile} }} }}",
            secretFile,
            words
        );
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Removed(string path) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            File.Delete(path);
            return ValueTask.CompletedTask;
        }
    }
}
