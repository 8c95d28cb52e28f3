using System.Security.Cryptography;
using AwesomeAssertions;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Shared;
using PkgForge.Tests.Web;
using Xunit;

namespace PkgForge.Tests.Remote;

/// <summary>A connection that breaks, wherever it does, costs time and nothing else.</summary>
public sealed class BrokenTransferTests : IAsyncLifetime
{
    /// <summary>The server lets the first go, and a builder's own short tries are over.</summary>
    private const int Often = 4;

    private FarmUnderTest site = null!;
    private ServerUnderTest server = null!;
    private CuttingProxy proxy = null!;
    private IBuilderFarm farm = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Home => $"{site.Root}/home/b1";

    public static TheoryData<Way, long> Cuts =>
        new()
        {
            { Way.ToServer, 0 },
            { Way.ToServer, 100 },
            { Way.ToServer, 700 },
            { Way.ToServer, 100_000 },
            { Way.ToBuilder, 0 },
            { Way.ToBuilder, 30 },
            { Way.ToBuilder, 200 },
            { Way.ToBuilder, 100_000 },
        };

    public async ValueTask InitializeAsync()
    {
        site = await FarmUnderTest.CreateAsync();
        server = await ServerUnderTest.StartAsync(site);
        proxy = new(server.Address);
        farm = await server.RemoteAsync("b1", proxy.Address);
        Directory.CreateDirectory(Home);
    }

    public async ValueTask DisposeAsync()
    {
        await farm.DisposeAsync();
        await proxy.DisposeAsync();
        await server.DisposeAsync();
        await site.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_claim_whose_answer_was_lost_brings_the_same_task(Way way, long bytes)
    {
        await site.RegisterAsync("job-1");
        await site.RegisterAsync("job-2");
        var session = await AttachAsync();
        proxy.Arm(way, bytes, Often);

        var task = await AgainAsync(() => farm.ClaimAsync(session, Cancel));

        task!.Attempt.Should().Be(1);
        (await site.NumberAsync("SELECT count(*) FROM task WHERE lease > 0")).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Sources_arrive_whole(Way way, long bytes)
    {
        var script = string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"print {i}"));
        var job = await site.RegisterAsync("job-1", script);
        var task = await ClaimAsync();
        proxy.Arm(way, bytes, Often);

        var order = await farm.FetchAsync(task, Home, Cancel);

        Digest.OfFile($"{order.Sources}/a.dummy").Should().Be(job.Files.Single().Sha256);
        // A few requests are hundreds of bytes.
        if (way == Way.ToBuilder || bytes <= 100)
            proxy.Cuts.Should().BePositive();
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_log_arrives_once(Way way, long bytes)
    {
        await site.RegisterAsync("job-1");
        var task = await ClaimAsync();
        var content = RandomNumberGenerator.GetBytes(700_000);
        await using var store = await farm.OpenStoreAsync(task, Home, Cancel);
        proxy.Arm(way, bytes, Often);
        for (var i = 0; i < content.Length; i += 70_000)
        {
            await File.AppendAllBytesAsync(store.LogPath, content.AsMemory(i, 70_000), Cancel);
            store.LogGrew();
        }

        await store.FlushAsync(Cancel);

        (await File.ReadAllBytesAsync(site.Results(task).Log, Cancel)).Should().Equal(content);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_product_arrives_whole(Way way, long bytes)
    {
        await site.RegisterAsync("job-1");
        var task = await ClaimAsync();
        var file = $"{Home}/large.bin";
        await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(9_000_000), Cancel);
        await using var store = await farm.OpenStoreAsync(task, Home, Cancel);
        proxy.Arm(way, bytes, Often);

        var product = await store.KeepProductAsync(file, Cancel);

        product.Sha256.Should().Be(Digest.OfFile(file));
        Digest.OfFile($"{site.Results(task).Products}/large.bin").Should().Be(product.Sha256);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_task_ends_once(Way way, long bytes)
    {
        await site.RegisterAsync("job-1", change: job => job with { Report = ["ann@example.org"] });
        var task = await ClaimAsync();
        await using var store = await farm.OpenStoreAsync(task, Home, Cancel);
        await File.WriteAllTextAsync(store.LogPath, "built\n", Cancel);
        await store.FlushAsync(Cancel);
        proxy.Arm(way, bytes, Often);
        var end = new TaskEnd(BuildTaskState.Success, null, null, null, [new("a.dummy", null, TimeSpan.Zero)], []);

        var outcome = await AgainAsync(() => farm.FinishAsync(task, end, Cancel));

        outcome.Should().Be(new EndOutcome(BuildTaskState.Success, null));
        (await site.TaskAsync("job-1")).Attempts.Should().ContainSingle();
        (await site.MailsAsync()).Should().Be(1);
        ((await site.LogTextAsync(task, Cancel)).TrimEnd('\n').Split('\n'))
            .Should()
            .ContainSingle(line => line.EndsWith(": success"));
    }

    private async Task<BuilderSession> AttachAsync() => (await farm.AttachAsync("b1", "one", Cancel)).Session;

    private async Task<ClaimedTask> ClaimAsync() => (await farm.ClaimAsync(await AttachAsync(), Cancel))!;

    /// <summary>As a daemon does.</summary>
    private static async Task<T> AgainAsync<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (FarmUnavailableException)
            {
                await Task.Yield();
            }
        }
    }
}
