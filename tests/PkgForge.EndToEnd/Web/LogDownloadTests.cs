using System.Net;
using System.Text;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace PkgForge.EndToEnd.Web;

/// <summary>A log over HTTP: the same bytes while it grows and afterwards, whole or in part, packed or not.</summary>
public sealed class LogDownloadTests(Browser browser) : SiteTests(browser)
{
    private const string Page = "/jobs/long/dummy-all/1";
    private const string Log = "/api/v1/jobs/long/tasks/dummy-all/attempts/1/log";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(60) };

    private string token = "";

    [Fact]
    public async Task What_was_seen_live_is_there_afterwards_byte_for_byte()
    {
        await StartAsync();
        await SubmitAsync([
            .. Enumerable.Range(1, 30).SelectMany(i => new[] { $"print {i} {new string('=', 300)}", "sleep 0.05" }),
        ]);
        var live = await (await GetAsync($"{Log}?follow=1")).Content.ReadAsByteArrayAsync();
        await StoredAsync();

        live.Should().Equal(Encoding.UTF8.GetBytes(Farm.Log("long")));
        (await BytesAsync(Log)).Should().Equal(live);
        (await BytesAsync($"{Page}/log")).Should().Equal(live);
        (await BytesAsync($"{Log}?follow=1&offset=5000")).Should().Equal(live[5000..]);
        var part = await GetAsync(Log, request => request.Headers.Range = new(4000, 8999));
        part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync()).Should().Equal(live[4000..9000]);
    }

    [Fact]
    public async Task Who_takes_zstd_gets_the_file_as_it_lies()
    {
        await StartAsync();
        await SubmitLargeAsync();
        await StoredAsync();
        var stored = await File.ReadAllBytesAsync($"{Farm.Spool}/results/long/dummy-all/1/log.zst");

        var encoded = await GetAsync(Log, request => request.Headers.AcceptEncoding.ParseAdd("gzip, zstd"));
        encoded.Content.Headers.ContentEncoding.Should().Equal("zstd");
        encoded.Content.Headers.ContentType!.MediaType.Should().Be("text/plain");
        encoded.Headers.Vary.Should().Equal("Accept-Encoding");
        (await encoded.Content.ReadAsByteArrayAsync()).Should().Equal(stored);
        var refused = await GetAsync(Log, request => request.Headers.AcceptEncoding.ParseAdd("gzip, zstd;q=0"));
        refused.Content.Headers.ContentEncoding.Should().BeEmpty();
        var part = await GetAsync(
            Log,
            request =>
            {
                request.Headers.AcceptEncoding.ParseAdd("zstd");
                request.Headers.Range = new(0, 99);
            }
        );
        (await part.Content.ReadAsStringAsync()).Should().Be(Farm.Log("long")[..100]);
        var kept = await GetAsync($"{Log}?compressed");
        kept.Content.Headers.ContentType!.MediaType.Should().Be("application/zstd");
        kept.Content.Headers.ContentDisposition!.FileName.Should().Be("long-dummy-all-1.log.zst");
        (await kept.Content.ReadAsByteArrayAsync()).Should().Equal(stored);
        var curl = await FarmProcess
            .Start(
                Executable.Clean(["curl", "-sS", "--compressed", "-H", $"Authorization: Bearer {token}", $"{Url}{Log}"])
            )
            .EndAsync();
        (curl.ExitCode, curl.Output).Should().Be((0, Farm.Log("long")));
    }

    [Fact]
    public async Task A_browser_shows_a_stored_log_of_several_frames_and_gets_all_of_it()
    {
        await StartAsync();
        await SubmitLargeAsync();
        await StoredAsync();
        var page = await OpenAsync(Page, await AccountAsync("bert", "viewer"));

        await Expect(page.Locator("#log")).ToContainTextAsync("compiling part 1400 of very many");
        await page.GetByLabel("Line", new() { Exact = true }).FillAsync("7001");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Go" }).ClickAsync();
        await Expect(page.Locator("#L7001")).ToContainTextAsync("compiling part ");
        var text = await page.EvaluateAsync<string>(
            "async address => await (await fetch(address)).text()",
            $"{Page}/log"
        );
        text.Should().Be(Farm.Log("long"));
        Complaints.Should().BeEmpty();
    }

    [Fact]
    public async Task A_plain_log_of_an_older_farm_is_read_as_before_and_packed_for_who_wants_that()
    {
        await StartAsync();
        await SubmitAsync(["print a"]);
        await Farm.FinalAsync("long");
        // Nothing stores it: there is no note of it.
        var path = $"{Farm.Spool}/results/long/dummy-all/1/log";
        await File.AppendAllLinesAsync(path, Enumerable.Range(1, 5000).Select(i => $"line {i}"));
        var content = await File.ReadAllBytesAsync(path);

        (await BytesAsync(Log)).Should().Equal(content);
        (await BytesAsync($"{Page}/log")).Should().Equal(content);
        (await Farm.DoAsync("log", "long")).Should().EndWith("line 5000\n");
        var packed = $"{Farm.Directory}/packed.zst";
        await File.WriteAllBytesAsync(packed, await BytesAsync($"{Log}?compressed"));
        (await FarmProcess.Start(Executable.Clean(["zstdcat", packed])).EndAsync())
            .Output.Should()
            .Be(Encoding.UTF8.GetString(content));
    }

    [Fact]
    public async Task A_damaged_log_is_the_farms_fault_and_says_so()
    {
        await StartAsync();
        await SubmitAsync([.. Enumerable.Range(1, 500).Select(i => $"print compiling part {i} of many")]);
        await StoredAsync();
        await File.WriteAllTextAsync($"{Farm.Spool}/results/long/dummy-all/1/log.zst", "damaged");

        var answer = await GetAsync(Log);
        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("is damaged");
        var command = await Farm.TryAsync("log", "long");
        command.ExitCode.Should().Be(4);
        command.Error.Should().Contain("log.zst is damaged").And.Contain("a backup has all of it");
    }

    private Task SubmitAsync(string[] steps) => SubmitAsync(() => [Farm.Script("long", steps)]);

    /// <summary>A log of more than one frame; a script may have 64 KiB.</summary>
    private Task SubmitLargeAsync()
    {
        string[] steps = [.. Enumerable.Range(1, 1400).Select(i => $"print compiling part {i} of very many")];
        return SubmitAsync(() => [.. Enumerable.Range(1, 10).Select(i => Farm.Script($"s{i}", steps))]);
    }

    private async Task SubmitAsync(Func<string[]> sources)
    {
        token = await AccountAsync("anna", "viewer");
        await Farm.SubmitAsync("long", sources());
        await Farm.UntilAsync("long", job => job.IsFinal || job.State == "building");
    }

    /// <summary>Waits until the log is stored.</summary>
    private async Task StoredAsync()
    {
        await Farm.FinalAsync("long");
        var started = TimeProvider.System.GetTimestamp();
        while (File.Exists($"{Farm.Spool}/results/long/dummy-all/1/log"))
        {
            TimeProvider.System.GetElapsedTime(started).TotalSeconds.Should().BeLessThan(20);
            await Task.Delay(20);
        }
    }

    private async Task<byte[]> BytesAsync(string path)
    {
        var answer = await GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, "of {0}", path);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private Task<HttpResponseMessage> GetAsync(string path, Action<HttpRequestMessage>? with = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Url + path);
        request.Headers.Authorization = new("Bearer", token);
        with?.Invoke(request);
        return Http.SendAsync(request);
    }
}
