using System.Net;
using System.Net.Http.Headers;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builders;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using PkgForge.Web.Pages;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>Who has an answer asks whether it still holds; and what a browser was shown is not kept for whoever comes after.</summary>
public sealed class CachingTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private HttpClient client = null!;
    private string token = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        token = Secret.NewToken();
        await site.Registry.AddAccountAsync("anna", AccountRole.Viewer, Cancel);
        await site.Registry.AddCredentialAsync(
            "anna",
            new(Secret.Sha256Of(token), Session: false, "t", Writes: true, TimeSpan.FromHours(1)),
            Cancel
        );
        client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Theory]
    [InlineData("api/v1/jobs")]
    [InlineData("jobs")]
    public async Task A_list_is_sent_again_when_it_has_changed_and_not_before(string path)
    {
        await site.RegisterAsync("one");
        var first = await GetAsync(path);
        first.Headers.CacheControl!.ToString().Should().Contain("private").And.Contain("no-cache");
        first.Headers.ETag!.IsWeak.Should().BeFalse();

        var same = await GetAsync(path, first.Headers.ETag);
        await site.RegisterAsync("two");
        var other = await GetAsync(path, first.Headers.ETag);

        same.StatusCode.Should().Be(HttpStatusCode.NotModified);
        same.Headers.ETag.Should().Be(first.Headers.ETag);
        (await same.Content.ReadAsByteArrayAsync(Cancel)).Should().BeEmpty();
        other.StatusCode.Should().Be(HttpStatusCode.OK);
        other.Headers.ETag.Should().NotBe(first.Headers.ETag);
        (await other.Content.ReadAsStringAsync(Cancel)).Should().Contain("two");
    }

    [Theory]
    [InlineData("api/v1/builders")]
    [InlineData("api/v1/platforms")]
    [InlineData("api/v1/buckets")]
    [InlineData("api/v1/me")]
    [InlineData("api/v1/openapi.json")]
    [InlineData("api/v1/jobs/one")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/products")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/log")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/log?compressed=1")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/products/a.txt")]
    [InlineData("jobs/one")]
    [InlineData("jobs/one/dummy-all/1")]
    [InlineData("jobs/one/dummy-all/1/log")]
    [InlineData("jobs/one/dummy-all/1/products/a.txt")]
    public async Task What_does_not_change_is_sent_once(string path)
    {
        await EndAsync();
        var first = await GetAsync(path);
        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Headers.CacheControl!.ToString().Should().Contain("private").And.Contain("no-cache");

        (await GetAsync(path, first.Headers.ETag)).StatusCode.Should().Be(HttpStatusCode.NotModified);
        (await GetAsync(path, new("\"other\""))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await GetAsync(path, EntityTagHeaderValue.Any)).StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/log", "text/plain; charset=utf-8")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/log?follow=1", "text/plain; charset=utf-8")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/log?compressed=1", "application/zstd")]
    [InlineData("api/v1/jobs/one/tasks/dummy-all/attempts/1/products/a.txt", "application/octet-stream")]
    [InlineData("jobs/one/dummy-all/1/log", "text/plain; charset=utf-8")]
    [InlineData("jobs/one/dummy-all/1/log?compressed", "application/zstd")]
    [InlineData("jobs/one/dummy-all/1/products/a.txt", "application/octet-stream")]
    public async Task What_a_build_has_made_is_nobodys_page(string path, string type)
    {
        await EndAsync();

        var answer = await GetAsync(path);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().Should().Be(type);
        answer.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        answer
            .Headers.GetValues("Content-Security-Policy")
            .Should()
            .Equal("sandbox; default-src 'none'; frame-ancestors 'none'");
    }

    [Fact]
    public async Task The_log_of_an_attempt_that_runs_has_no_tag()
    {
        await HoldAsync();

        var log = await GetAsync("api/v1/jobs/one/tasks/dummy-all/attempts/1/log");

        log.StatusCode.Should().Be(HttpStatusCode.OK);
        log.Headers.ETag.Should().BeNull();
        log.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task A_part_is_of_the_file_that_was_begun()
    {
        await EndAsync();
        const string path = "api/v1/jobs/one/tasks/dummy-all/attempts/1/products/a.txt";
        var tag = (await GetAsync(path)).Headers.ETag!;

        (await GetAsync(path, range: new(tag))).StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await GetAsync(path, range: new("\"other\""))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_browser_keeps_nothing_of_a_session()
    {
        await EndAsync();
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = server.Address,
        };
        using var form = new FormUrlEncodedContent([new("token", token), new("to", "/")]);
        (await browser.PostAsync("login", form, Cancel)).StatusCode.Should().Be(HttpStatusCode.SeeOther);
        foreach (
            var path in new[]
            {
                "jobs",
                "jobs/one",
                "jobs/one/dummy-all/1/log",
                "jobs/one/dummy-all/1/products/a.txt",
                "api/v1/jobs",
                "api/v1/me",
            }
        )
        {
            var answer = await browser.GetAsync(path, Cancel);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Headers.CacheControl!.ToString().Should().Be("no-store", "of {0}", path);
            answer.Headers.ETag.Should().NotBeNull("the page's own script asks by it");
        }
    }

    [Fact]
    public async Task The_sites_own_files_are_kept_by_everybody()
    {
        var first = await GetAsync(AssetFiles.Style);

        first.Headers.CacheControl!.Public.Should().BeTrue();
        (await GetAsync(AssetFiles.Style, first.Headers.ETag)).StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task The_next_page_is_named_in_the_head_and_in_the_body()
    {
        foreach (var id in new[] { "one", "two", "three" })
            await site.RegisterAsync(id);

        var (first, last) = (await GetAsync("api/v1/jobs?limit=2"), await GetAsync("api/v1/jobs?limit=2&after=two"));

        first.Headers.GetValues("Link").Should().Equal("</api/v1/jobs?limit=2&after=two>; rel=\"next\"");
        (await first.Content.ReadAsStringAsync(Cancel))
            .Should()
            .Contain("\"next\":\"/api/v1/jobs?limit=2\\u0026after=two\"");
        (await GetAsync("api/v1/jobs?after=two&limit=2")).StatusCode.Should().Be(HttpStatusCode.OK);
        last.Headers.Contains("Link").Should().BeFalse();
        (await last.Content.ReadAsStringAsync(Cancel)).Should().NotContain("next");
    }

    private async Task<HttpResponseMessage> GetAsync(
        string path,
        EntityTagHeaderValue? known = null,
        RangeConditionHeaderValue? range = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (known is not null)
            request.Headers.IfNoneMatch.Add(known);
        if (range is not null)
        {
            request.Headers.IfRange = range;
            request.Headers.Range = new(0, 0);
        }
        return await client.SendAsync(request, Cancel);
    }

    /// <summary>The job <c>one</c>, whose attempt has a log and a product, and has ended.</summary>
    private async Task EndAsync()
    {
        await using var farm = new LocalFarm(site.Farm);
        var (task, product) = await HoldAsync(farm);
        await farm.FinishAsync(task, new(BuildTaskState.Success, null, null, null, [], [product]), Cancel);
    }

    private async Task HoldAsync()
    {
        await using var farm = new LocalFarm(site.Farm);
        await HoldAsync(farm);
    }

    private async Task<(ClaimedTask Task, Product Product)> HoldAsync(LocalFarm farm)
    {
        await site.RegisterAsync("one");
        var post = await farm.AttachAsync("b1", "one", Cancel);
        var task = (await farm.ClaimAsync(post.Session, Cancel))!;
        var directory = Directory.CreateDirectory($"{site.Root}/home/b1").FullName;
        await using var store = await farm.OpenStoreAsync(task, directory, Cancel);
        await File.AppendAllTextAsync(store.LogPath, "building\n", Cancel);
        store.LogGrew();
        await File.WriteAllTextAsync($"{directory}/a.txt", "a\n", Cancel);
        var product = await store.KeepProductAsync($"{directory}/a.txt", Cancel);
        await store.FlushAsync(Cancel);
        return (task, product);
    }
}
