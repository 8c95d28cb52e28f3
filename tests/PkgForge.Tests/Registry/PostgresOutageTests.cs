using System.Collections.Concurrent;
using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>Builders work while their connections are killed and their server is restarted. No task is lost, none is done twice.</summary>
public sealed class PostgresOutageTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private const int Tasks = 200;
    private const int Builders = 4;

    private static readonly PlatformKey Bookworm = new("bookworm", "amd64");
    private static readonly string Sha = new('a', 64);

    private readonly string name = $"outage_{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<JobId> done = [];
    private IRegistry registry = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Text => server.Cluster.ConnectionString(name);

    public async ValueTask InitializeAsync()
    {
        await server.Cluster.CreateDatabaseAsync(name);
        registry = Open();
        await registry.MigrateAsync(Cancel);
        await registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
        await registry.RegisterJobsAsync([.. Enumerable.Range(0, Tasks).Select(NewJob)], Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (registry is null)
            return;
        await registry.DisposeAsync();
        await server.Cluster.DropDatabaseAsync(name);
    }

    [Fact]
    public async Task Killed_connections_lose_nothing_and_double_nothing()
    {
        // Bounded: on a busy machine no transaction might ever fit between two kills.
        var kills = 0;
        await WorkThroughAsync(async () =>
        {
            if (kills++ >= 40)
                return;
            await PostgresCluster.ExecuteAsync(
                server.Cluster.ConnectionString("postgres"),
                $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancel);
        });
    }

    [Fact]
    public async Task A_server_that_is_stopped_and_started_loses_nothing_and_doubles_nothing()
    {
        var restarts = 0;
        await WorkThroughAsync(async () =>
        {
            if (restarts++ >= 5)
                return;
            await server.Cluster.StopAsync();
            await server.Cluster.StartAgainAsync();
        });
    }

    /// <summary>Four builders, each a process' worth, do all tasks while there is trouble.</summary>
    private async Task WorkThroughAsync(Func<Task> trouble)
    {
        var work = Task.WhenAll(Enumerable.Range(0, Builders).Select(i => Task.Run(() => WorkAsync($"b{i}"), Cancel)));
        while (!work.IsCompleted)
        {
            await trouble();
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(20), Cancel));
        }
        await work;

        done.Should().HaveCount(Tasks).And.OnlyHaveUniqueItems();
        (await registry.CheckAsync(Cancel)).Should().BeEmpty();
        var jobs = await registry.ListKeptAsync(0, 1000, Cancel);
        jobs.Should().HaveCount(Tasks).And.OnlyContain(job => job.Ended && job.Products.Count == 1);
        jobs.SelectMany(job => job.Products)
            .Should()
            .OnlyContain(product => product.Attempt == 1, "no attempt was lost");
        (await TakeAllMailAsync()).Should().Be(Tasks, "each end has its mail, once");
    }

    private async Task WorkAsync(string builder)
    {
        await using var own = Open();
        await own.AddBuilderAsync(builder, Bookworm, Cancel);
        var session = (await own.AttachBuilderAsync(builder, "one", Cancel)).Session!;
        while (await own.ClaimNextTaskAsync(session, Cancel) is { } claim)
        {
            (await own.HeartbeatAsync(claim.Lease, Cancel)).Should().Be(LeaseAnswer.Continue);
            var mail = new OutgoingMail(["ada@example.org"], "ok", new Dictionary<string, string>(), "body");
            var result = new TaskResult(BuildTaskState.Success, null, null, "ok", [new("a.deb", 1, Sha)], mail);
            (await own.FinishTaskAsync(claim.Lease, result, Cancel)).Should().BeTrue();
            done.Enqueue(claim.Job);
        }
    }

    private async Task<int> TakeAllMailAsync()
    {
        var total = 0;
        while (await registry.TakeMailAsync(50, Cancel) is { Count: > 0 } mails)
            total += mails.Count;
        return total;
    }

    private IRegistry Open() => Registries.Open(new() { Connection = $"postgres:{Text}" });

    private static NewJob NewJob(int number) =>
        new(
            new Job
            {
                Id = JobId.Parse($"job-{number}"),
                Submitter = "ada",
                Time = DateTimeOffset.UnixEpoch,
                Bucket = "main",
                Sources = ["hello_2.10-3.dsc"],
                Files = [],
            },
            Sha,
            [Bookworm]
        );
}
