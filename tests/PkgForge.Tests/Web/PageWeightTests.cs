using System.Globalization;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Pages;
using Xunit;

namespace PkgForge.Tests.Web;

/// <summary>What a page is when it is opened for the first time: itself, its style, its script and its icon, but for a log.</summary>
public sealed class PageWeightTests : IAsyncLifetime
{
    private const int Most = 100_000;
    private const int Jobs = 120;

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        var token = Secret.NewToken();
        await site.Registry.AddAccountAsync("anna", AccountRole.Admin, Cancel);
        await site.Registry.AddCredentialAsync(
            "anna",
            new(Secret.Sha256Of(token), Session: false, "t", Writes: true, TimeSpan.FromHours(1)),
            Cancel
        );
        client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        // More than any page shows of them.
        for (var i = 0; i < Jobs; i++)
            await site.RegisterAsync(
                string.Create(CultureInfo.InvariantCulture, $"job-{i}"),
                change: job => job with { Submitter = "somebody-with-a-long-name" }
            );
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/jobs")]
    [InlineData("/jobs/job-7")]
    [InlineData("/jobs/job-7/resubmit")]
    [InlineData("/packages")]
    [InlineData("/packages/a")]
    [InlineData("/buckets")]
    [InlineData("/buckets/main")]
    [InlineData("/builders")]
    [InlineData("/platforms")]
    [InlineData("/statistics")]
    [InlineData("/submit")]
    [InlineData("/admin")]
    [InlineData("/admin/accounts")]
    [InlineData("/admin/audit")]
    [InlineData("/login")]
    [InlineData("/api")]
    [InlineData("/api?about=types")]
    public async Task The_first_load_of_a_page_is_light(string path)
    {
        var size = await SizeAsync(path);
        foreach (var asset in new[] { AssetFiles.Style, AssetFiles.Script, AssetFiles.Icon })
            size += await SizeAsync(asset);

        size.Should().BeInRange(20_000, Most);
    }

    [Fact]
    public async Task So_is_each_part_of_the_reference()
    {
        var list = await client.GetStringAsync("/api", Cancel);
        foreach (var group in ApiReference.Current.Groups)
        {
            var path = $"/api?about={Uri.EscapeDataString(group.Name)}";
            list.Should().Contain($"\"{path}#{group.Operations[0].Id}\"");
            (await client.GetStringAsync(path, Cancel)).Should().Contain($"id=\"{group.Operations[0].Id}\"");
            await The_first_load_of_a_page_is_light(path);
        }
    }

    private async Task<long> SizeAsync(string path)
    {
        using var answer = await client.GetAsync(path, Cancel);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsByteArrayAsync(Cancel)).LongLength;
    }
}
