using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Web;
using Xunit;

namespace PkgForge.Tests.Remote;

/// <summary>A log of another machine is the farm's as it is printed, in requests that last while it grows.</summary>
public sealed class LogStreamTests : IAsyncLifetime
{
    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private IBuilderFarm farm = null!;
    private ClaimedTask task = null!;
    private HttpClient client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        var token = await server.TokenAsync("b1");
        farm = server.Remote("b1", token);
        client = server.Client(token);
        await site.RegisterAsync("job-1");
        var session = (await farm.AttachAsync("b1", "one", Cancel)).Session;
        task = (await farm.ClaimAsync(session, Cancel))!;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await farm.DisposeAsync();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact]
    public async Task What_has_come_is_in_the_log_before_the_request_ends()
    {
        using var body = new OpenBody();
        var answer = SendAsync(body);
        body.Write("one\n");
        await UntilLogIsAsync("one\n");
        body.Write("two\n");
        await UntilLogIsAsync("one\ntwo\n");
        answer.IsCompleted.Should().BeFalse();

        body.End();

        using var said = await answer;
        (said.StatusCode, await said.Content.ReadAsStringAsync(Cancel))
            .Should()
            .Be((HttpStatusCode.OK, "{\"length\":8}"));
    }

    [Fact]
    public async Task A_lease_that_runs_out_meanwhile_is_noticed()
    {
        using var body = new OpenBody();
        var answer = SendAsync(body);
        body.Write("one\n");
        await UntilLogIsAsync("one\n");
        await site.ExpireLeasesAsync();
        await site.Registry.ReleaseExpiredAsync(Cancel);
        // For a second it is believed that the task is held: no longer.
        for (var i = 0; i < 30; i++)
        {
            body.Write("x");
            await Task.Delay(50, Cancel);
        }
        body.End();

        using var said = await answer;
        said.IsSuccessStatusCode.Should().BeFalse();
        new FileInfo(site.Results(task).Log).Length.Should().BeLessThan(4 + 30);
    }

    [Fact]
    public async Task A_task_that_is_lost_takes_no_more()
    {
        using var body = new OpenBody();
        var answer = SendAsync(body);
        body.Write("one\n");
        await UntilLogIsAsync("one\n");
        await farm.AttachAsync("b1", "one", Cancel);

        body.Write("late\n");
        body.End();

        using var said = await answer;
        said.IsSuccessStatusCode.Should().BeFalse();
        (await File.ReadAllTextAsync(site.Results(task).Log, Cancel)).Should().NotContain("late");
    }

    [Fact]
    public async Task A_flush_does_not_wait_for_more()
    {
        var home = Directory.CreateDirectory($"{site.Root}/home/b1").FullName;
        await using var store = await farm.OpenStoreAsync(task, home, Cancel);
        var flushing = TimeSpan.Zero;
        for (var i = 0; i < 8; i++)
        {
            await File.AppendAllTextAsync(store.LogPath, "line\n", Cancel);
            store.LogGrew();
            // Now a request is under way, and waits for more.
            await UntilLogIsAsync(string.Concat(Enumerable.Repeat("line\n", 2 * i + 1)));
            await File.AppendAllTextAsync(store.LogPath, "line\n", Cancel);
            var began = Stopwatch.GetTimestamp();
            await store.FlushAsync(Cancel);
            flushing += Stopwatch.GetElapsedTime(began);
            new FileInfo(site.Results(task).Log).Length.Should().Be(5 * 2 * (i + 1));
        }
        flushing.Should().BeLessThan(TimeSpan.FromSeconds(1.5), "eight requests that last would take 2 s");
    }

    private Task<HttpResponseMessage> SendAsync(OpenBody body) =>
        client.PostAsync(
            $"tasks/{task.Lease.TaskId}/{task.Lease.Number}/{task.Lease.Session}/log?offset=0",
            body,
            Cancel
        );

    private async Task UntilLogIsAsync(string text)
    {
        var path = site.Results(task).Log;
        for (var tries = 0; !File.Exists(path) || await File.ReadAllTextAsync(path, Cancel) != text; tries++)
        {
            tries.Should().BeLessThan(500, "the log has what has come");
            await Task.Delay(10, Cancel);
        }
    }

    /// <summary>A body that is written while the request lasts.</summary>
    private sealed class OpenBody : HttpContent
    {
        private readonly Channel<string> parts = Channel.CreateUnbounded<string>();

        public void Write(string text) => parts.Writer.TryWrite(text);

        public void End() => parts.Writer.TryComplete();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await foreach (var part in parts.Reader.ReadAllAsync(Cancel))
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(part), Cancel);
                await stream.FlushAsync(Cancel);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
