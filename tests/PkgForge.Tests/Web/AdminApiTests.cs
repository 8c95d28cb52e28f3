using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Administration over the API: what it does, what it refuses and how, and that it is noted.</summary>
public sealed class AdminApiTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private HttpClient admin = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        admin = Client(await TokenAsync("root", AccountRole.Admin));
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task A_builder_is_added_drained_released_and_deleted()
    {
        await DoAsync(HttpStatusCode.Created, "POST", "builders", """{"name":"b9","platform":"dummy-all"}""");
        await RefuseAsync(
            HttpStatusCode.Conflict,
            "there already",
            "POST",
            "builders",
            """{"name":"b9","platform":"dummy-all"}"""
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "no platform",
            "POST",
            "builders",
            """{"name":"b8","platform":"sid-amd64"}"""
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "not a builder's name",
            "POST",
            "builders",
            """{"name":"../b8","platform":"dummy-all"}"""
        );

        var drained = await DoAsync(HttpStatusCode.OK, "PATCH", "builders/b9", """{"draining":true}""");
        drained.GetProperty("draining").GetBoolean().Should().BeTrue();
        await DoAsync(HttpStatusCode.OK, "PATCH", "builders/b9", """{"draining":true}""");
        await DoAsync(HttpStatusCode.OK, "PATCH", "builders/b9", """{"draining":false}""");
        await RefuseAsync(HttpStatusCode.BadRequest, "'draining'", "PATCH", "builders/b9", "{}");
        await site.ExecuteAsync(
            "UPDATE builder SET quarantine = 'no disk', quarantined = 1, canary = 1 WHERE name = 'b9'"
        );
        await DoAsync(HttpStatusCode.NoContent, "DELETE", "builders/b9/quarantine");
        (await BuilderAsync("b9"))!.Quarantine.Should().BeNull();
        await DoAsync(HttpStatusCode.NoContent, "DELETE", "builders/b9");
        await RefuseAsync(HttpStatusCode.NotFound, "no builder b9", "DELETE", "builders/b9");
        await RefuseAsync(HttpStatusCode.NotFound, "no builder b9", "PATCH", "builders/b9", """{"draining":true}""");

        (await NotedAsync())
            .Should()
            .StartWith(["add builder b9 dummy-all", "add builder b9 dummy-all", "drain builder b9"])
            .And.Contain(["end draining builder b9", "release builder b9", "delete builder b9"])
            .And.NotContain(note => note.Contains("../"), "what cannot be a name is not noted");
    }

    [Fact]
    public async Task A_builder_that_holds_a_task_is_not_deleted_and_it_is_said_what_it_builds()
    {
        await site.RegisterAsync("hello");
        var session = (await site.Registry.AttachBuilderAsync("b1", "one", Cancel)).Session!;
        await RefuseAsync(HttpStatusCode.Conflict, "is running; stop its buildd first", "DELETE", "builders/b1");
        await site.Registry.ClaimNextTaskAsync(session, Cancel);

        await RefuseAsync(HttpStatusCode.Conflict, "b1 is building hello: drain it", "DELETE", "builders/b1");

        (await BuilderAsync("b1"))!.Current.Should().NotBeNull();
    }

    [Fact]
    public async Task A_code_to_enrol_is_shown_once_and_makes_a_machine_the_builder()
    {
        var answer = await DoAsync(HttpStatusCode.OK, "POST", "builders/b2/enrolment");
        var code = answer.GetProperty("code").GetString()!;
        answer
            .GetProperty("command")
            .GetString()
            .Should()
            .Be($"pkgforge buildd --server {server.Address.AbsoluteUri.TrimEnd('/')} --enrol {code} --daemon");
        var token = new string('e', 64);
        (await site.Registry.EnrolAsync(BuilderToken.Sha256Of(code), token, Cancel))!.Builder.Should().Be("b2");

        var revoked = await DoAsync(HttpStatusCode.OK, "DELETE", "builders/b2/tokens");

        revoked.GetProperty("revoked").GetInt32().Should().Be(1);
        (await site.Registry.FindTokenAsync(token, Cancel))!.Revoked.Should().BeTrue();
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "valid",
            "POST",
            "builders/b2/enrolment",
            """{"valid_seconds":0}"""
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "valid",
            "POST",
            "builders/b2/enrolment",
            """{"valid_seconds":9223372036854775807}"""
        );
        (await NotedAsync()).Should().Equal("enrol builder b2", "revoke builder b2");
        (await NotedAsync()).Should().NotContain(note => note.Contains(code), "secrets are nowhere");
    }

    [Fact]
    public async Task Platforms_are_added_and_switched()
    {
        var added = await DoAsync(
            HttpStatusCode.Created,
            "POST",
            "platforms",
            """{"name":"f43","architecture":"x86_64","format":"rpm"}"""
        );
        added.GetProperty("active").GetBoolean().Should().BeTrue();
        await RefuseAsync(
            HttpStatusCode.Conflict,
            "there already",
            "POST",
            "platforms",
            """{"name":"F43","architecture":"x86_64","format":"rpm"}"""
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "is not a platform",
            "POST",
            "platforms",
            """{"name":"all","architecture":"x86_64","format":"rpm"}"""
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "expected debian, rpm or dummy",
            "POST",
            "platforms",
            """{"name":"x","architecture":"y","format":"zip"}"""
        );

        var changed = await DoAsync(
            HttpStatusCode.OK,
            "PATCH",
            "platforms/f43-x86_64",
            """{"active":false,"auto":true}"""
        );

        (changed.GetProperty("active").GetBoolean(), changed.GetProperty("auto").GetBoolean())
            .Should()
            .Be((false, true));
        await RefuseAsync(
            HttpStatusCode.NotFound,
            "no platform sid-amd64",
            "PATCH",
            "platforms/sid-amd64",
            """{"auto":true}"""
        );
        await RefuseAsync(HttpStatusCode.BadRequest, "'active' or 'auto'", "PATCH", "platforms/f43-x86_64", "{}");
    }

    [Fact]
    public async Task Accounts_get_roles_buckets_and_tokens_and_are_removed()
    {
        await DoAsync(HttpStatusCode.Created, "POST", "accounts", """{"name":"anna","role":"viewer"}""");
        await RefuseAsync(HttpStatusCode.Conflict, "already", "POST", "accounts", """{"name":"anna"}""");
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "not an account's name",
            "POST",
            "accounts",
            """{"name":"Anna B."}"""
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "expected viewer, submitter or admin",
            "PATCH",
            "accounts/anna",
            """{"role":"king"}"""
        );
        await DoAsync(HttpStatusCode.OK, "PATCH", "accounts/anna", """{"role":"submitter"}""");
        await DoAsync(HttpStatusCode.NoContent, "PUT", "accounts/anna/maintains/main");
        await DoAsync(HttpStatusCode.NoContent, "PUT", "accounts/anna/maintains/main");
        await RefuseAsync(
            HttpStatusCode.NotFound,
            "there are: guarded, main, other",
            "PUT",
            "accounts/anna/maintains/nowhere"
        );
        var shown = await DoAsync(HttpStatusCode.OK, "GET", "accounts/anna");
        shown.GetProperty("role").GetString().Should().Be("submitter");
        shown.GetProperty("maintains")[0].GetString().Should().Be("main");

        var made = await DoAsync(
            HttpStatusCode.Created,
            "POST",
            "accounts/anna/tokens",
            """{"label":"c i","read_only":true}"""
        );
        var token = made.GetProperty("token").GetString()!;
        using (var anna = Client(token))
        {
            (await anna.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
            (await anna.PostAsync("uploads", null, Cancel)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
            await RefuseAsync(HttpStatusCode.BadRequest, "label", "POST", "accounts/anna/tokens", """{"label":" x"}""");
            await RefuseAsync(HttpStatusCode.NotFound, "no account 'bob'", "POST", "accounts/bob/tokens");
            var revoked = await DoAsync(HttpStatusCode.OK, "DELETE", "accounts/anna/tokens?label=c%20i");
            revoked.GetProperty("revoked").GetInt32().Should().Be(1);
            (await anna.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        }
        await DoAsync(HttpStatusCode.NoContent, "DELETE", "accounts/anna/maintains/main");
        await DoAsync(HttpStatusCode.NoContent, "DELETE", "accounts/anna");
        await RefuseAsync(HttpStatusCode.NotFound, "no account 'anna'", "DELETE", "accounts/anna");
        (await NotedAsync())
            .Should()
            .Contain(["add account anna viewer", "make token anna c i (may look only)", "revoke tokens anna c i"])
            .And.NotContain(note => note.Contains(token));
    }

    [Fact]
    public async Task An_admin_does_not_lock_himself_out()
    {
        await RefuseAsync(HttpStatusCode.Conflict, "let another admin do it", "DELETE", "accounts/root");
        await RefuseAsync(
            HttpStatusCode.Conflict,
            "let another admin do it",
            "PATCH",
            "accounts/root",
            """{"role":"viewer"}"""
        );
        await DoAsync(HttpStatusCode.OK, "PATCH", "accounts/root", """{"role":"admin"}""");
    }

    [Fact]
    public async Task Caps_are_set_changed_and_removed()
    {
        await DoAsync(HttpStatusCode.OK, "PUT", "caps/submitter/*", """{"tasks":8}""");
        await DoAsync(HttpStatusCode.OK, "PUT", "caps/bucket/main", """{"tasks":2}""");
        await DoAsync(HttpStatusCode.OK, "PUT", "caps/bucket/main", """{"tasks":3}""");
        await RefuseAsync(
            HttpStatusCode.NotFound,
            "there are: guarded, main, other",
            "PUT",
            "caps/bucket/nowhere",
            """{"tasks":3}"""
        );
        await RefuseAsync(HttpStatusCode.BadRequest, "0 or more", "PUT", "caps/bucket/main", """{"tasks":-1}""");
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "a submitter or a bucket",
            "PUT",
            "caps/colour/red",
            """{"tasks":1}"""
        );

        var caps = await DoAsync(HttpStatusCode.OK, "GET", "caps");
        caps.EnumerateArray()
            .Select(cap => $"{cap.GetProperty("kind")} {cap.GetProperty("name")} {cap.GetProperty("tasks")}")
            .Should()
            .Equal("bucket main 3", "submitter * 8");

        await DoAsync(HttpStatusCode.NoContent, "DELETE", "caps/submitter/*");
        await RefuseAsync(HttpStatusCode.NotFound, "has no cap", "DELETE", "caps/submitter/*");
    }

    [Fact]
    public async Task A_job_gets_another_priority_of_whoever_may_cancel_it()
    {
        await site.RegisterAsync("hers", change: job => job with { Submitter = "owner" });
        using var owner = Client(await TokenAsync("owner", AccountRole.Submitter));
        using var other = Client(await TokenAsync("other", AccountRole.Submitter));

        var answer = await DoAsync(HttpStatusCode.OK, "PUT", "jobs/hers/priority", """{"priority":"urgent"}""", owner);

        (answer.GetProperty("priority").GetString(), answer.GetProperty("waiting").GetInt32())
            .Should()
            .Be(("urgent", 1));
        (await site.JobAsync("hers")).Job.Priority.Should().Be(Priority.Urgent);
        await RefuseAsync(
            HttpStatusCode.Forbidden,
            "a maintainer of bucket",
            "PUT",
            "jobs/hers/priority",
            """{"priority":"background"}""",
            other
        );
        await RefuseAsync(
            HttpStatusCode.BadRequest,
            "urgent, normal or background",
            "PUT",
            "jobs/hers/priority",
            """{"priority":"now"}"""
        );
        await RefuseAsync(
            HttpStatusCode.NotFound,
            "there is no job",
            "PUT",
            "jobs/none/priority",
            """{"priority":"urgent"}"""
        );
        (await NotedAsync()).Should().Equal("set priority hers urgent");
    }

    [Fact]
    public async Task What_was_done_is_asked_for_page_by_page()
    {
        foreach (var draining in new[] { "true", "false", "true" })
            await DoAsync(HttpStatusCode.OK, "PATCH", "builders/b1", $$"""{"draining":{{draining}}}""");

        var first = await DoAsync(HttpStatusCode.OK, "GET", "audit?limit=2&account=root");
        var next = first.GetProperty("next").GetString()!;
        var second = await DoAsync(HttpStatusCode.OK, "GET", next["/api/v1/".Length..]);

        first.GetProperty("entries").GetArrayLength().Should().Be(2);
        next.Should().Contain("account=root").And.Contain("limit=2");
        second.GetProperty("entries")[0].GetProperty("action").GetString().Should().Be("drain builder");
        second.TryGetProperty("next", out _).Should().BeFalse();
        var one = await DoAsync(HttpStatusCode.OK, "GET", "audit?action=end%20draining%20builder");
        one.GetProperty("entries").GetArrayLength().Should().Be(1);
        await RefuseAsync(HttpStatusCode.BadRequest, "'limit'", "GET", "audit?limit=0");
    }

    [Fact]
    public async Task A_page_says_what_was_done_to_the_session_that_did_it_and_to_nobody_else()
    {
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new() })
        {
            BaseAddress = server.Address,
        };
        browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var enter = new FormUrlEncodedContent([new("token", await TokenAsync("boss", AccountRole.Admin))]);
        await browser.PostAsync("login", enter, Cancel);
        var page = await browser.GetStringAsync("admin/builders", Cancel);
        var form = page.Split("name=\"form\" value=\"")[1].Split('"')[0];

        using var drain = new FormUrlEncodedContent([
            new("form", form),
            new("do", "drain"),
            new("name", "b1"),
            new("to", "/builders"),
        ]);
        var done = await browser.PostAsync("admin/builders", drain, Cancel);

        var address = done.RequestMessage!.RequestUri!;
        address.AbsolutePath.Should().Be("/builders");
        (await done.Content.ReadAsStringAsync(Cancel)).Should().Contain("b1 gets no more tasks.");
        var forged = address.PathAndQuery.Replace("b1%20gets", "b7%20gets", StringComparison.Ordinal);
        (await browser.GetStringAsync(forged, Cancel)).Should().NotContain("b7 gets");
        (await browser.GetStringAsync("builders?said=x&seal=x", Cancel)).Should().NotContain("role=\"status\"");
    }

    private async Task<string> TokenAsync(string name, AccountRole role)
    {
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync(name, role, Cancel);
        await site.Registry.AddCredentialAsync(
            name,
            new(Secret.Sha256Of(token), Session: false, "t", Writes: true, TimeSpan.FromHours(1)),
            Cancel
        );
        return token;
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient { BaseAddress = new(server.Address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private async Task<Builder?> BuilderAsync(string name) =>
        (await site.Registry.ListBuildersAsync(Cancel)).FirstOrDefault(builder => builder.Name == name);

    /// <summary>What was noted, oldest first.</summary>
    private async Task<IReadOnlyList<string>> NotedAsync() =>
        [
            .. (await site.Registry.ListAuditAsync(null, 100, Cancel))
                .Reverse()
                .Select(entry => $"{entry.Action} {entry.Subject}"),
        ];

    private async Task<JsonElement> DoAsync(
        HttpStatusCode expected,
        string method,
        string path,
        string? body = null,
        HttpClient? by = null
    )
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var answer = await (by ?? admin).SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.Should().Be(expected, "of {0} {1}, which answered {2}", method, path, text);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private async Task RefuseAsync(
        HttpStatusCode expected,
        string why,
        string method,
        string path,
        string? body = null,
        HttpClient? by = null
    ) =>
        (await DoAsync(expected, method, path, body, by))
            .GetProperty("detail")
            .GetString()
            .Should()
            .Contain(why, "of {0} {1}", method, path);
}
