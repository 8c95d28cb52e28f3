using System.Net;
using System.Net.Http.Headers;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Every route, and who may use it. A route that stands in neither table fails the test.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Job = "hers";

    /// <summary>Nothing of another site, nothing inline, no frame.</summary>
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Who asks, in the order of the letters below.</summary>
    private static readonly string[] Identities =
    [
        "nobody",
        "a wrong token",
        "a viewer",
        "another submitter",
        "the job's submitter",
        "the bucket's maintainer",
        "an admin",
        "an admin's token that may look only",
        "a builder",
    ];

    /// <summary>Of each route who is let in: a letter each, or a point. What is an account's own takes a session, and no token lets in.</summary>
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["GET /"] = "..vsomar.",
        ["GET /builders"] = "..vsomar.",
        ["GET /platforms"] = "..vsomar.",
        ["GET /buckets"] = "..vsomar.",
        ["GET /buckets/{bucket}"] = "..vsomar.",
        ["GET /buckets/{bucket}/{platform}"] = "..vsomar.",
        ["GET /buckets/{bucket}/{platform}/difference"] = "..vsomar.",
        ["GET /packages"] = "..vsomar.",
        ["GET /packages/{package}"] = "..vsomar.",
        ["GET /statistics"] = "..vsomar.",
        ["GET /jobs"] = "..vsomar.",
        ["GET /jobs/{job}"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/log"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/live"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/products/{name}"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/logs/{name}"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/changes"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/root"] = "..vsomar.",
        ["GET /jobs/{job}/{platform}/{attempt:int:min(1)}/record"] = "..vsomar.",
        ["GET /jobs/{job}/manifest"] = "..vsomar.",
        ["GET /jobs/{job}/resubmit"] = "...soma..",
        ["POST /jobs/{job}/resubmit"] = "...soma..",
        ["POST /jobs/{job}/promote"] = "...soma..",
        ["POST /jobs/{job}/cancel"] = "....oma..",
        ["POST /jobs/{job}/retry"] = "....oma..",
        ["POST /jobs/{job}/priority"] = "....oma..",
        ["GET /events"] = "..vsomar.",
        ["GET /submit"] = "...soma..",
        ["POST /submit"] = "...soma..",
        ["POST /submit/file"] = "...soma..",
        ["GET /admin"] = "......a..",
        ["GET /admin/platforms"] = "......a..",
        ["POST /admin/platforms"] = "......a..",
        ["GET /admin/builders"] = "......a..",
        ["POST /admin/builders"] = "......a..",
        ["GET /admin/accounts"] = "......a..",
        ["POST /admin/accounts"] = "......a..",
        ["GET /admin/caps"] = "......a..",
        ["POST /admin/caps"] = "......a..",
        ["GET /admin/audit"] = "......a..",
        ["GET /api"] = "..vsomar.",
        ["GET /login"] = "nwvsomarb",
        ["POST /login"] = "nwvsomarb",
        ["POST /logout"] = "nwvsomarb",
        ["GET /login/oidc"] = "nwvsomarb",
        ["GET /login/oidc/callback"] = "nwvsomarb",
        ["GET /login/kerberos"] = "nwvsomarb",
        ["GET /login/code"] = ".........",
        ["POST /login/code"] = ".........",
        ["GET /account"] = ".........",
        ["POST /account/token"] = ".........",
        ["POST /account/end"] = ".........",
        ["POST /account/end-all"] = ".........",
        ["GET /api/v1/login"] = "nwvsomarb",
        ["POST /api/v1/login/code"] = "nwvsomarb",
        ["POST /api/v1/login/code/token"] = "nwvsomarb",
        ["POST /api/v1/login/kerberos"] = "nwvsomarb",
        ["GET /assets/{digest}/{name}"] = "nwvsomarb",
        ["GET /api/v1/me"] = "nwvsomarb",
        ["GET /api/v1/builders"] = "..vsomar.",
        ["GET /api/v1/platforms"] = "..vsomar.",
        ["GET /api/v1/buckets"] = "..vsomar.",
        ["POST /api/v1/builders"] = "......a..",
        ["GET /api/v1/builders/{builder}"] = "..vsomar.",
        ["PATCH /api/v1/builders/{builder}"] = "......a..",
        ["DELETE /api/v1/builders/{builder}"] = "......a..",
        ["DELETE /api/v1/builders/{builder}/quarantine"] = "......a..",
        ["POST /api/v1/builders/{builder}/enrolment"] = "......a..",
        ["DELETE /api/v1/builders/{builder}/tokens"] = "......a..",
        ["POST /api/v1/platforms"] = "......a..",
        ["PATCH /api/v1/platforms/{platform}"] = "......a..",
        ["GET /api/v1/buckets/{bucket}"] = "..vsomar.",
        ["GET /api/v1/buckets/{bucket}/{platform}"] = "..vsomar.",
        ["GET /api/v1/buckets/{bucket}/{platform}/difference"] = "..vsomar.",
        ["GET /api/v1/packages"] = "..vsomar.",
        ["GET /api/v1/packages/{package}"] = "..vsomar.",
        ["GET /api/v1/statistics"] = "..vsomar.",
        ["GET /api/v1/openapi.json"] = "nwvsomarb",
        ["GET /api/v1/accounts"] = "......a..",
        ["POST /api/v1/accounts"] = "......a..",
        ["GET /api/v1/accounts/{account}"] = "......a..",
        ["PATCH /api/v1/accounts/{account}"] = "......a..",
        ["DELETE /api/v1/accounts/{account}"] = "......a..",
        ["PUT /api/v1/accounts/{account}/maintains/{bucket}"] = "......a..",
        ["DELETE /api/v1/accounts/{account}/maintains/{bucket}"] = "......a..",
        ["POST /api/v1/accounts/{account}/tokens"] = "......a..",
        ["DELETE /api/v1/accounts/{account}/tokens"] = "......a..",
        ["GET /api/v1/caps"] = "..vsomar.",
        ["PUT /api/v1/caps/{kind}/{name}"] = "......a..",
        ["DELETE /api/v1/caps/{kind}/{name}"] = "......a..",
        ["GET /api/v1/audit"] = "......a..",
        ["GET /api/v1/events"] = "..vsomar.",
        ["GET /api/v1/jobs"] = "..vsomar.",
        ["POST /api/v1/jobs"] = "...soma..",
        ["GET /api/v1/jobs/{job}"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/events"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/tasks/{platform}/products"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}/log"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}/products/{name}"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}/changes"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/tasks/{platform}/attempts/{attempt:int:min(1)}/record"] = "..vsomar.",
        ["GET /api/v1/jobs/{job}/manifest"] = "..vsomar.",
        ["POST /api/v1/jobs/{job}/resubmit"] = "...soma..",
        ["POST /api/v1/jobs/{job}/promote"] = "...soma..",
        ["POST /api/v1/jobs/{job}/cancel"] = "....oma..",
        ["POST /api/v1/jobs/{job}/retry"] = "....oma..",
        ["PUT /api/v1/jobs/{job}/priority"] = "....oma..",
        ["OPTIONS /api/v1/uploads"] = "nwvsomarb",
        ["POST /api/v1/uploads"] = "...soma..",
        ["HEAD /api/v1/uploads/{upload}"] = "...soma..",
        ["PATCH /api/v1/uploads/{upload}"] = "...soma..",
        ["DELETE /api/v1/uploads/{upload}"] = "...soma..",
    };

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        await server.RestartAsync(server.AllWays);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    /// <summary>All routes but the builders' own, of which the next test tells.</summary>
    [Fact]
    public async Task Each_route_lets_in_whom_the_table_names_and_nobody_else()
    {
        await site.RegisterAsync(Job, change: job => job with { Submitter = "owner", Bucket = "main" });
        var tokens = await TokensAsync();
        var routes = server.Routes.Where(route => route.Rule != nameof(Rule.Builder)).ToList();
        routes
            .Select(route => route.Name)
            .Should()
            .BeEquivalentTo(Expected.Keys, "each route stands in the table, and nothing else");
        foreach (var route in routes)
        {
            var let = new char[Identities.Length];
            for (var i = 0; i < Identities.Length; i++)
                let[i] = await IsLetInAsync(route, tokens[i]) ? "nwvsomarb"[i] : '.';
            new string(let).Should().Be(Expected[route.Name], "of {0}", route.Name);
        }
    }

    /// <summary>The builders' own routes: a builder's token lets in, and no account's. Enrolling takes none, but a code, which is in the body.</summary>
    [Fact]
    public async Task Builders_routes_let_in_builders_and_nobody_else()
    {
        var tokens = await TokensAsync();
        var routes = server.Routes.Where(route => route.Rule == nameof(Rule.Builder)).ToList();
        routes.Should().HaveCountGreaterThan(10);
        foreach (var route in routes)
        {
            var isOpen = route.Name == "POST /api/v1/builder/enrol";
            for (var i = 0; i < Identities.Length; i++)
            {
                var status = await StatusAsync(route, tokens[i]);
                (status != HttpStatusCode.Unauthorized)
                    .Should()
                    .Be(isOpen || Identities[i] == "a builder", "of {0} for {1}", route.Name, Identities[i]);
            }
        }
    }

    /// <summary>What an account's own is: each in its session, whatever it may do, and nobody without.</summary>
    [Fact]
    public async Task What_is_ones_own_takes_a_session()
    {
        var own = server.Routes.Where(route => route.Rule == nameof(Rule.Own)).Select(route => route.Name).ToList();
        own.Should().BeEquivalentTo(Expected.Where(route => route.Value == ".........").Select(route => route.Key));
        var tokens = await TokensAsync();
        foreach (var token in tokens[2..8])
        {
            // After the last one nobody of that account is in.
            foreach (var name in own.OrderBy(name => name.EndsWith("end-all", StringComparison.Ordinal)))
            {
                using var browser = Browser();
                await LoginAsync(browser, token!);
                var form = (await browser.GetStringAsync("account", Cancel))
                    .Split("name=\"form\" value=\"")[1]
                    .Split('"')[0];
                using var request = new HttpRequestMessage(new(name.Split(' ')[0]), name.Split(' ')[1]);
                request.Content =
                    request.Method == HttpMethod.Post ? new FormUrlEncodedContent([new("form", form)]) : null;
                using var answer = await browser.SendAsync(request, Cancel);
                answer.StatusCode.Should().NotBe(HttpStatusCode.Forbidden, "of {0}", name);
                answer.Headers.Location?.ToString().Should().NotStartWith("/login?", "of {0}", name);
            }
        }
    }

    [Fact]
    public void Builders_routes_are_under_one_prefix_and_no_others_are() =>
        server
            .Routes.Should()
            .OnlyContain(route =>
                route.Rule == nameof(Rule.Builder) == route.Name.Contains(" /api/v1/builder/", StringComparison.Ordinal)
            );

    [Fact]
    public async Task Where_the_farm_says_so_anybody_may_look_and_nothing_else()
    {
        await server.RestartAsync(options => server.AllWays(options) with { AnonymousLooks = true });
        await site.RegisterAsync(Job);
        foreach (var route in server.Routes.Where(route => route.Rule != nameof(Rule.Builder)))
        {
            var looks = Expected[route.Name][2] == 'v';
            (await IsLetInAsync(route, null)).Should().Be(looks, "of {0}", route.Name);
        }
    }

    [Fact]
    public async Task A_session_changes_nothing_without_the_token_of_its_forms()
    {
        await site.RegisterAsync(Job, change: job => job with { Submitter = "owner" });
        var token = (await TokensAsync())[4]!;
        using var browser = Browser();
        (await LoginAsync(browser, token)).StatusCode.Should().Be(HttpStatusCode.SeeOther);
        var page = await browser.GetStringAsync($"jobs/{Job}", Cancel);
        var form = page.Split("name=\"form\" value=\"")[1].Split('"')[0];

        (await SendAsync(browser, "wrong")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await SendAsync(browser, null)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await SendAsync(browser, form, "cross-site")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await site.TaskAsync(Job)).State.Should().Be(BuildTaskState.NeedsBuild);
        (await SendAsync(browser, form)).StatusCode.Should().Be(HttpStatusCode.SeeOther);

        (await site.TaskAsync(Job)).State.Should().Be(BuildTaskState.Cancelled);
        (await site.Registry.ListAuditAsync(null, 10, Cancel))
            .Should()
            .Contain(entry => entry.Account == "owner" && entry.Action == "cancel" && entry.Subject == Job);
    }

    [Fact]
    public async Task A_session_ends_with_logging_out_and_is_no_token()
    {
        var token = (await TokensAsync())[2]!;
        using var browser = Browser();
        var answer = await LoginAsync(browser, token);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        cookie.Should().ContainAll("httponly", "samesite=strict", "path=/");
        cookie.Should().NotContain(token);
        (await browser.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
        var session = cookie.Split('=', 2)[1].Split(';')[0];
        (await GetAsync("api/v1/jobs", session)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        var page = await browser.GetStringAsync("jobs", Cancel);
        var form = page.Split("name=\"form\" value=\"")[1].Split('"')[0];

        using var leave = new FormUrlEncodedContent([new("form", form)]);
        await browser.PostAsync("logout", leave, Cancel);

        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/jobs");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var plain = Client();
        (await plain.SendAsync(request, Cancel)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Guesses_are_limited()
    {
        for (var i = 0; i < 30; i++)
            (await GetAsync("api/v1/jobs", Secret.NewToken())).StatusCode.Should().Be(HttpStatusCode.Unauthorized);

        (await GetAsync("api/v1/jobs", Secret.NewToken())).StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("/jobs/hers?state=x", "/login?to=%2Fjobs%2Fhers%3Fstate%3Dx")]
    public async Task A_browser_is_led_to_the_log_in_and_back(string path, string expected)
    {
        using var browser = Browser();
        var answer = await browser.GetAsync(path, Cancel);

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().Should().Be(expected);
        var token = (await TokensAsync())[2]!;
        using var other = Browser();
        (await LoginAsync(other, token, "//evil.example")).Headers.Location!.ToString().Should().Be("/");
        (await LoginAsync(browser, token, "/jobs/hers")).Headers.Location!.ToString().Should().Be("/jobs/hers");
    }

    private async Task<string?[]> TokensAsync()
    {
        var accounts = new (string Name, AccountRole Role, bool Writes)[]
        {
            ("viewer", AccountRole.Viewer, true),
            ("other", AccountRole.Submitter, true),
            ("owner", AccountRole.Submitter, true),
            ("maintainer", AccountRole.Submitter, true),
            ("admin", AccountRole.Admin, true),
            ("auditor", AccountRole.Admin, false),
        };
        var tokens = new List<string?> { null, Secret.NewToken() };
        foreach (var (name, role, writes) in accounts)
        {
            var token = Secret.NewToken();
            await site.Registry.AddAccountAsync(name, role, Cancel);
            await site.Registry.AddCredentialAsync(
                name,
                new(Secret.Sha256Of(token), Session: false, "t", writes, TimeSpan.FromHours(1)),
                Cancel
            );
            tokens.Add(token);
        }
        await site.Registry.SetMaintainerAsync("maintainer", "main", true, Cancel);
        tokens.Add(await server.TokenAsync("b1"));
        // A wrong token of each route would soon be one too many: that limit has a test of its own.
        tokens[1] = "nothing";
        return [.. tokens];
    }

    private async Task<bool> IsLetInAsync((string Name, string Rule) route, string? token) =>
        await StatusAsync(route, token)
            is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests)
        || route.Name == "POST /login"
        // Who comes without a ticket is asked for one by this status.
        || route.Name.EndsWith("/login/kerberos", StringComparison.Ordinal);

    /// <summary>Asks, and sees to it that every answer tells browsers what they may do with it.</summary>
    private async Task<HttpStatusCode> StatusAsync((string Name, string Rule) route, string? token)
    {
        var (method, path) = (route.Name.Split(' ')[0], route.Name.Split(' ')[1]);
        path = path.Replace("{job}", Job, StringComparison.Ordinal)
            .Replace("{platform}", "dummy-all", StringComparison.Ordinal)
            .Replace("{attempt:int:min(1)}", "1", StringComparison.Ordinal)
            .Replace("{bucket}", "main", StringComparison.Ordinal)
            .Replace("{package}", "x", StringComparison.Ordinal)
            .Replace("{name}", "x", StringComparison.Ordinal)
            .Replace("{digest}", "x", StringComparison.Ordinal)
            .Replace("{upload}", new('a', 32), StringComparison.Ordinal)
            .Replace("{task:long}", "1", StringComparison.Ordinal)
            .Replace("{lease:long}", "1", StringComparison.Ordinal)
            .Replace("{session:long}", "1", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new(method), path);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        using var client = Client();
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.Headers.GetValues("X-Content-Type-Options").Should().Equal(["nosniff"], "of {0}", route.Name);
        answer
            .Headers.GetValues("Content-Security-Policy")
            .Should()
            .ContainSingle("of {0}", route.Name)
            .Which.Should()
            .BeOneOf(PagePolicy, "sandbox; default-src 'none'; frame-ancestors 'none'");
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string token)
    {
        using var client = Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await client.GetAsync(path, Cancel);
    }

    private static async Task<HttpResponseMessage> LoginAsync(HttpClient browser, string token, string to = "/")
    {
        using var form = new FormUrlEncodedContent([new("token", token), new("to", to)]);
        return await browser.PostAsync("login", form, Cancel);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, string? form, string? site = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"jobs/{Job}/cancel");
        request.Content = new FormUrlEncodedContent(form is null ? [] : [new("form", form)]);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        return await browser.SendAsync(request, Cancel);
    }

    private HttpClient Client() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Address };

    /// <summary>Keeps cookies, and says that it wants pages.</summary>
    private HttpClient Browser()
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() })
        {
            BaseAddress = server.Address,
        };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return client;
    }
}
