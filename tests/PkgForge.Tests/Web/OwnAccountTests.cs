using System.Net;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Shared;
using PkgForge.Web.Access;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What an account's owner sees and does in a browser: sessions, tokens, and commands that he lets in.</summary>
public sealed class OwnAccountTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task A_log_in_ends_the_session_that_the_browser_had()
    {
        using var browser = new TestBrowser(server.Address);
        var (first, _) = await LoginAsync(browser, "anna");
        var form = (await browser.GetAsync("/account")).Form;
        var token = await TokenAsync("bob", AccountRole.Viewer);

        var second = (await browser.PostAsync("/login", ("token", token), ("form", form))).Session;

        (await HolderAsync(first)).Should().BeNull();
        (await HolderAsync(second))!.Account.Should().Be("bob");
    }

    [Fact]
    public async Task A_token_that_one_makes_oneself_is_shown_once_and_ends_when_one_says_so()
    {
        using var browser = new TestBrowser(server.Address);
        var (_, form) = await LoginAsync(browser, "anna");

        var made = await browser.PostAsync(
            "/account/token",
            ("form", form),
            ("label", "ci"),
            ("days", "30"),
            ("read_only", "true")
        );

        var token = made.Text.Split("<code class=\"names\">")[1].Split('<')[0];
        (await HolderAsync(token))!
            .Should()
            .BeEquivalentTo(new CredentialHolder("anna", AccountRole.Submitter, [], false, false));
        var page = await browser.GetAsync("/account");
        page.Text.Should().Contain("token &#x27;ci&#x27;").And.NotContain(token);
        page.Text.Should().Contain("this browser");
        (await browser.PostAsync("/account/end", ("form", form), ("digest", Secret.Sha256Of(token))))
            .Status.Should()
            .Be(HttpStatusCode.SeeOther);
        (await HolderAsync(token)).Should().BeNull();
        (await site.Registry.ListAuditAsync(null, 9, Cancel))
            .Select(entry => $"{entry.Account} {entry.Action} {entry.Subject}")
            .Should()
            .Equal("anna end token ci", "anna make token ci", "anna log in token");
    }

    [Theory]
    [InlineData("", "30")]
    [InlineData("ci", "0")]
    [InlineData("ci", "366")]
    [InlineData("ci", "-1")]
    [InlineData("ci", "x")]
    [InlineData("c\u0007", "30")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "30")]
    public async Task A_token_without_a_sound_label_and_time_is_not_made(string label, string days)
    {
        using var browser = new TestBrowser(server.Address);
        var (_, form) = await LoginAsync(browser, "anna");

        var answer = await browser.PostAsync("/account/token", ("form", form), ("label", label), ("days", days));

        answer.Status.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await site.Registry.ListCredentialsAsync("anna", Cancel)).Should().HaveCount(2, "those of the log-in");
    }

    [Fact]
    public async Task Who_may_look_only_makes_no_token_that_may_more_and_ends_nobody_elses()
    {
        using var browser = new TestBrowser(server.Address);
        var (_, form) = await LoginAsync(browser, "anna", writes: false);
        var others = await TokenAsync("bob", AccountRole.Submitter);

        var made = await browser.PostAsync("/account/token", ("form", form), ("label", "ci"), ("days", "1"));
        await browser.PostAsync("/account/end", ("form", form), ("digest", Secret.Sha256Of(others)));

        (await HolderAsync(made.Text.Split("<code class=\"names\">")[1].Split('<')[0]))!.Writes.Should().BeFalse();
        (await HolderAsync(others)).Should().NotBeNull();
    }

    [Fact]
    public async Task Logging_out_everywhere_ends_all_sessions_and_tokens()
    {
        using var browser = new TestBrowser(server.Address);
        using var other = new TestBrowser(server.Address);
        var (_, form) = await LoginAsync(browser, "anna");
        await LoginAsync(other, "anna");

        (await browser.PostAsync("/account/end-all", ("form", "wrong"))).Status.Should().Be(HttpStatusCode.Forbidden);
        (await browser.PostAsync("/account/end-all", ("form", form))).Header("Location").Should().Be("/login");

        (await site.Registry.ListCredentialsAsync("anna", Cancel)).Should().BeEmpty();
        (await other.GetAsync("/account")).Header("Location").Should().StartWith("/login");
    }

    [Fact]
    public async Task A_command_gets_its_token_when_its_code_is_allowed_and_once()
    {
        var (claim, code) = await BeginAsync();
        (await TakeAsync(claim)).Should().Be((HttpStatusCode.OK, "{}"));
        using var browser = new TestBrowser(server.Address);
        (await browser.GetAsync($"/login/code?code={code}"))
            .Header("Location")
            .Should()
            .StartWith("/login?to=%2Flogin%2Fcode%3Fcode%3D");
        var (_, form) = await LoginAsync(browser, "anna");
        (
            await browser.GetAsync(
                $"/login/code?code={code.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)}"
            )
        )
            .Text.Should()
            .ContainAll("desk", "127.0.0.1", code);
        (await browser.PostAsync("/login/code", ("form", "wrong"), ("code", code), ("decision", "allow")))
            .Status.Should()
            .Be(HttpStatusCode.Forbidden);

        (await browser.PostAsync("/login/code", ("form", form), ("code", code), ("decision", "allow")))
            .Status.Should()
            .Be(HttpStatusCode.OK);

        var (status, text) = await TakeAsync(claim);
        status.Should().Be(HttpStatusCode.OK);
        var token = text.Split("\"token\":\"")[1].Split('"')[0];
        (await HolderAsync(token))!
            .Should()
            .BeEquivalentTo(new CredentialHolder("anna", AccountRole.Submitter, [], false, true));
        (await TakeAsync(claim)).Status.Should().Be(HttpStatusCode.NotFound, "it is used up");
        (await browser.PostAsync("/login/code", ("form", form), ("code", code), ("decision", "allow")))
            .Status.Should()
            .Be(HttpStatusCode.NotFound);
        (await site.Registry.ListAuditAsync(null, 1, Cancel)).Single().Action.Should().Be("allow command");
        (await browser.GetAsync("/account")).Text.Should().Contain("login on desk");
    }

    [Fact]
    public async Task A_command_that_is_refused_gets_nothing_and_a_session_that_looks_only_gives_no_more()
    {
        var (refused, code) = await BeginAsync();
        var (allowed, other) = await BeginAsync();
        using var browser = new TestBrowser(server.Address);
        var (_, form) = await LoginAsync(browser, "anna", writes: false);
        await browser.PostAsync("/login/code", ("form", form), ("code", code), ("decision", "refuse"));
        await browser.PostAsync("/login/code", ("form", form), ("code", other), ("decision", "allow"));

        (await TakeAsync(refused)).Status.Should().Be(HttpStatusCode.Forbidden);
        var token = (await TakeAsync(allowed)).Text.Split("\"token\":\"")[1].Split('"')[0];
        (await HolderAsync(token))!.Writes.Should().BeFalse();
    }

    [Fact]
    public async Task Codes_are_not_guessed_and_commands_do_not_fill_the_memory()
    {
        using var browser = new TestBrowser(server.Address);
        await LoginAsync(browser, "anna");
        for (var i = 0; i < 30; i++)
            (await browser.GetAsync("/login/code?code=BBBB-BBBB")).Text.Should().Contain("No command waits");

        (await browser.GetAsync("/login/code?code=BBBB-BBBB")).Text.Should().Contain("Too many wrong codes");
        (await TakeAsync(Secret.NewClaim())).Status.Should().Be(HttpStatusCode.TooManyRequests);
        for (var i = 0; i < 30; i++)
            await BeginAsync();
        (await PostAsync("code", "{\"host\":\"desk\"}")).Status.Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"host\":\"\"}")]
    [InlineData("{\"host\":\"<b>\"}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_command_that_says_no_sound_host_is_refused(string body) =>
        (await PostAsync("code", body)).Status.Should().Be(HttpStatusCode.BadRequest);

    [Fact]
    public async Task The_server_says_how_one_may_log_in()
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        (await http.GetStringAsync("/api/v1/login", Cancel)).Should().Be("{\"ways\":[\"token\",\"browser\"]}");
    }

    private async Task<(string Claim, string Code)> BeginAsync()
    {
        var (status, text) = await PostAsync("code", "{\"host\":\"desk\"}");
        status.Should().Be(HttpStatusCode.OK);
        return (text.Split("\"claim\":\"")[1].Split('"')[0], text.Split("\"code\":\"")[1].Split('"')[0]);
    }

    private Task<(HttpStatusCode Status, string Text)> TakeAsync(string claim) =>
        PostAsync("code/token", $"{{\"claim\":\"{claim}\"}}");

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, string body)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        using var content = new StringContent(body);
        using var answer = await http.PostAsync($"/api/v1/login/{path}", content, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<(string Session, string Form)> LoginAsync(TestBrowser browser, string name, bool writes = true)
    {
        var token = await TokenAsync(name, AccountRole.Submitter, writes);
        var session = (await browser.PostAsync("/login", ("token", token))).Session;
        return (session, (await browser.GetAsync("/account")).Form);
    }

    private async Task<string> TokenAsync(string name, AccountRole role, bool writes = true)
    {
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync(name, role, Cancel);
        await site.Registry.AddCredentialAsync(
            name,
            new(Secret.Sha256Of(token), Session: false, "by hand", writes, TimeSpan.FromHours(1)),
            Cancel
        );
        return token;
    }

    private Task<CredentialHolder?> HolderAsync(string secret) =>
        site.Registry.FindCredentialAsync(Secret.Sha256Of(secret), Cancel);
}
