using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>The sources of a job once more; and its manifest.</summary>
public sealed class ResubmitTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync("anna", AccountRole.Submitter, Cancel);
        await site.Registry.AddCredentialAsync(
            "anna",
            new(Secret.Sha256Of(token), Session: false, "t", true, TimeSpan.FromHours(1)),
            Cancel
        );
        client = new() { BaseAddress = new(server.Address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await site.RegisterAsync(
            "old",
            change: job => job with { Submitter = "bob", Report = ["bob@example.org"], Bucket = "main" }
        );
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task The_same_sources_become_a_job_of_whoever_asks_with_what_is_to_be_different()
    {
        var answer = await PostAsync(
            "old",
            """{"bucket": "other", "platforms": ["dummy", "nowhere"], "scratch": true}"""
        );

        answer.StatusCode.Should().Be(HttpStatusCode.Created);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        said.GetProperty("warnings")[0].GetString().Should().Be("there is no platform 'nowhere'");
        var job = Incoming(said.GetProperty("id").GetString()!);
        job.Should()
            .BeEquivalentTo(
                new
                {
                    Submitter = "anna",
                    Bucket = "other",
                    Platforms = new[] { "dummy", "nowhere" },
                    Report = new[] { "bob@example.org" },
                    Scratch = true,
                    Sources = new[] { "a.dummy" },
                }
            );
        (await site.Registry.ListAuditAsync(null, 10, Cancel))
            .Should()
            .Contain(entry =>
                entry.Account == "anna" && entry.Action == "resubmit" && entry.Subject == $"old as {job.Id}"
            );
        (await site.JobAsync("old")).Job.Bucket.Should().Be("main");
    }

    [Fact]
    public async Task A_request_with_a_key_is_carried_out_once()
    {
        var key = Guid.NewGuid().ToString();
        client.DefaultRequestHeaders.Add("Idempotency-Key", key);

        var first = await PostAsync("old", null);
        var again = await PostAsync("old", null);

        (first.StatusCode, again.StatusCode).Should().Be((HttpStatusCode.Created, HttpStatusCode.OK));
        foreach (var answer in new[] { first, again })
            (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel))
                .GetProperty("id")
                .GetString()
                .Should()
                .Be(key);
        Directory.GetDirectories(site.Farm.Spool.Incoming.Path).Should().ContainSingle();
    }

    [Theory]
    [InlineData("jobs", """{"bucket": "main", "uploads": []}""")]
    [InlineData("jobs/old/resubmit", "{}")]
    public async Task A_key_is_a_uuid(string path, string body)
    {
        client.DefaultRequestHeaders.Add("Idempotency-Key", "again");

        var refused = await client.PostAsync(
            path,
            new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
            Cancel
        );

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancel)).Should().Contain("is no UUID");
    }

    [Fact]
    public async Task Without_a_word_it_is_as_it_was()
    {
        var answer = await PostAsync("old", null);

        answer.StatusCode.Should().Be(HttpStatusCode.Created);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
        Incoming(id).Bucket.Should().Be("main");
    }

    [Theory]
    [InlineData("""{"bucket": "nowhere"}""", HttpStatusCode.UnprocessableEntity, "there is no bucket 'nowhere'")]
    [InlineData("""{"platforms": ["nowhere"]}""", HttpStatusCode.UnprocessableEntity, "no platform matches")]
    [InlineData("""{"id": "../x"}""", HttpStatusCode.UnprocessableEntity, "is not a job's id")]
    [InlineData("""{"id": "old"}""", HttpStatusCode.Conflict, "another job has the id")]
    [InlineData("""{"priority": "soon"}""", HttpStatusCode.UnprocessableEntity, "priority is 'soon'")]
    [InlineData("""{"bucket": 5}""", HttpStatusCode.BadRequest, "not the JSON")]
    public async Task What_makes_no_sense_is_refused_and_nothing_is_submitted(
        string body,
        HttpStatusCode status,
        string detail
    )
    {
        var answer = await PostAsync("old", body);

        answer.StatusCode.Should().Be(status);
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel))
            .GetProperty("detail")
            .GetString()
            .Should()
            .Contain(detail);
        Directory.GetDirectories(site.Farm.Spool.Incoming.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task A_job_whose_sources_are_not_kept_is_a_conflict()
    {
        Directory.Delete(site.Farm.Spool.Accepted.PathOf(JobId.Parse("old")), recursive: true);

        (await PostAsync("old", null)).StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await client.GetAsync("jobs/old/manifest", Cancel)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_manifest_is_a_file_and_without_an_account_it_has_no_addresses()
    {
        await server.RestartAsync(options => options with { AnonymousLooks = true });
        using var nobody = new HttpClient { BaseAddress = client.BaseAddress };

        var known = await client.GetAsync("jobs/old/manifest", Cancel);
        known.Content.Headers.ContentType!.ToString().Should().Be("text/plain; charset=utf-8");
        known.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("sandbox");
        var text = await known.Content.ReadAsStringAsync(Cancel);
        text.Should()
            .Be(await File.ReadAllTextAsync($"{site.Farm.Spool.Accepted.PathOf(JobId.Parse("old"))}/job.yml", Cancel));
        (await nobody.GetStringAsync("jobs/old/manifest", Cancel)).Should().Contain("sources:").And.NotContain("bob@");
        var page = await nobody.GetStringAsync(new Uri(server.Address, "/jobs/old"), Cancel);
        page.Should().Contain("What was asked for").And.NotContain("bob@");
    }

    [Fact]
    public async Task Who_does_not_maintain_a_bucket_that_is_its_maintainers_submits_nothing_to_it()
    {
        const string asked = """{"bucket": "guarded"}""";

        var refused = await PostAsync("old", asked);

        refused.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        (await refused.Content.ReadAsStringAsync(Cancel))
            .Should()
            .Contain("only maintainers of bucket")
            .And.Contain("is none");
        Directory.GetDirectories(site.Farm.Spool.Incoming.Path).Should().BeEmpty();
        (await PostAsync("old", """{"bucket": "guarded", "scratch": true}"""))
            .StatusCode.Should()
            .Be(HttpStatusCode.Created);
        await site.Registry.SetMaintainerAsync("anna", "guarded", true, Cancel);
        (await PostAsync("old", asked)).StatusCode.Should().Be(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Who_does_not_maintain_the_bucket_promotes_nothing_into_it()
    {
        async Task<HttpResponseMessage> PromoteAsync(string bucket) =>
            await client.PostAsync(
                "jobs/old/promote",
                new StringContent($$"""{"bucket": "{{bucket}}"}""", System.Text.Encoding.UTF8, "application/json"),
                Cancel
            );

        (await PromoteAsync("other")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await PromoteAsync("nowhere")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await site.Registry.SetMaintainerAsync("anna", "other", true, Cancel);
        (await PromoteAsync("other")).StatusCode.Should().Be(HttpStatusCode.Conflict, "it has made nothing");
        (await site.Registry.ListAuditAsync(null, 10, Cancel)).Should().NotContain(entry => entry.Action == "promote");
    }

    [Theory]
    [InlineData("jobs", """{"bucket": "main", "uploads": [null]}""")]
    [InlineData("jobs", """{"bucket": "main", "uploads": [], "platforms": ["dummy", null]}""")]
    [InlineData("jobs/old/resubmit", """{"report": [null]}""")]
    public async Task A_list_of_texts_that_holds_null_is_no_fault_of_the_farm(string path, string body)
    {
        var refused = await client.PostAsync(
            path,
            new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
            Cancel
        );

        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancel)).Should().Contain("a list of texts holds null");
        (await site.Registry.ListAuditAsync(null, 10, Cancel)).Should().BeEmpty();
    }

    private Job Incoming(string id)
    {
        using var stream = File.OpenRead($"{site.Farm.Spool.Incoming.Path}/{id}/job.yml");
        return Manifest.Read(stream).Job!;
    }

    private Task<HttpResponseMessage> PostAsync(string job, string? body) =>
        client.PostAsync(
            $"jobs/{job}/resubmit",
            body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
            Cancel
        );
}
