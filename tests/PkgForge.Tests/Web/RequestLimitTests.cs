using System.Net;
using System.Net.Http.Json;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>A script that runs wild is told so, and is in nobody else's way.</summary>
public sealed class RequestLimitTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        await server.RestartAsync(options =>
            options with
            {
                AnonymousLooks = true,
                RequestsPerMinute = 8,
                ChangesPerMinute = 2,
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task An_account_makes_so_many_requests_in_a_minute_and_others_as_many()
    {
        using var anna = await ClientAsync("anna");
        using var bert = await ClientAsync("bert");
        using var nobody = new HttpClient { BaseAddress = new(server.Address, "/api/v1/") };
        for (var left = 7; left >= 0; left--)
        {
            using var answer = await anna.GetAsync("jobs", Cancel);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Headers.GetValues("RateLimit").Should().Equal($"\"requests\";r={left}");
            answer.Headers.GetValues("RateLimit-Policy").Should().Equal("\"requests\";q=8;w=60");
        }

        using var refused = await anna.GetAsync("jobs", Cancel);

        await IsRefusedAsync(refused, "8 requests in a minute");
        (await bert.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await nobody.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await anna.GetAsync(new Uri(server.Address, "/jobs"), Cancel))
            .StatusCode.Should()
            .Be(HttpStatusCode.TooManyRequests, "pages are counted, too");
    }

    [Fact]
    public async Task Requests_that_change_something_are_counted_by_themselves()
    {
        using var anna = await ClientAsync("anna");
        for (var i = 0; i < 2; i++)
            (await CancelAsync(anna)).StatusCode.Should().Be(HttpStatusCode.NotFound);

        using var refused = await CancelAsync(anna);

        await IsRefusedAsync(refused, "2 changes in a minute");
        refused.Headers.GetValues("RateLimit").Should().Equal("\"requests\";r=5, \"changes\";r=0");
        (await anna.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_has_no_account_is_counted_by_address()
    {
        using var nobody = new HttpClient { BaseAddress = new(server.Address, "/api/v1/") };
        for (var i = 0; i < 8; i++)
            (await nobody.GetAsync("jobs", Cancel)).StatusCode.Should().Be(HttpStatusCode.OK);

        await IsRefusedAsync(await nobody.GetAsync("me", Cancel), "8 requests in a minute");
    }

    [Theory]
    [InlineData("/api/v1/events")]
    [InlineData("/events")]
    public async Task Connections_that_stay_open_are_counted_by_caller_and_free_their_places(string path)
    {
        await server.RestartAsync(options => options with { OpenConnections = 2 });
        using var anna = await ClientAsync("anna");
        using var bert = await ClientAsync("bert");
        var address = new Uri(server.Address, path);
        var first = await OpenAsync(anna, address);
        using var second = await OpenAsync(anna, address);
        first.StatusCode.Should().Be(HttpStatusCode.OK);

        using (var third = await OpenAsync(anna, address))
            (third.StatusCode, await third.Content.ReadAsStringAsync(Cancel))
                .Should()
                .Match<(HttpStatusCode Status, string Text)>(refused =>
                    refused.Status == HttpStatusCode.TooManyRequests
                    && refused.Text.Contains("2 connections that stay open", StringComparison.Ordinal)
                );

        using (var other = await OpenAsync(bert, address))
            other.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Dispose();
        // The server notices a moment later.
        for (var tries = 0; ; tries++)
        {
            using var again = await OpenAsync(anna, address);
            if (again.StatusCode == HttpStatusCode.OK)
                return;
            tries.Should().BeLessThan(100);
            await Task.Delay(100, Cancel);
        }
    }

    private static Task<HttpResponseMessage> OpenAsync(HttpClient client, Uri address) =>
        client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, Cancel);

    private static async Task IsRefusedAsync(HttpResponseMessage answer, string detail)
    {
        answer.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter!.Delta!.Value.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.Problem, Cancel);
        problem!.Type.Should().Be(ProblemTypes.TooMuch);
        problem.Detail.Should().Contain(detail);
    }

    private static Task<HttpResponseMessage> CancelAsync(HttpClient client) =>
        client.PostAsync("jobs/nothing/cancel", null, Cancel);

    private async Task<HttpClient> ClientAsync(string name)
    {
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync(name, AccountRole.Submitter, Cancel);
        await site.Registry.AddCredentialAsync(
            name,
            new(Secret.Sha256Of(token), Session: false, "t", Writes: true, TimeSpan.FromHours(1)),
            Cancel
        );
        var client = new HttpClient { BaseAddress = new(server.Address, "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }
}
