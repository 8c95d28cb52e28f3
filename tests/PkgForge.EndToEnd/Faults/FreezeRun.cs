using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Spool;
using PkgForge.Tests.Shared;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// A builder stands still for three leases, at a fault point or at any moment, while a second one looks for work; then it goes on. What the registry,
/// the results and the bucket held before it went on is there unchanged after it has noticed.
/// </summary>
internal sealed class FreezeRun(Campaign campaign, PostgresFixture postgres, int seed)
{
    private const string Id = "frozen";
    private const string Times = "lease: 1s\nheartbeat: 0.25s";
    private const int LostOutcome = 5;

    private static readonly TimeSpan ThreeLeases = TimeSpan.FromSeconds(3);
    private static readonly string[] Stages = ["buildd", "build", "heartbeat", "finish", "end", "publish", "collect"];

    /// <summary>The task has ended there: there is nothing to lose.</summary>
    private static readonly string[] After =
    [
        FaultPoints.BuilddFinished,
        FaultPoints.FinishCommitted,
        FaultPoints.FinishPublished,
        FaultPoints.PublishTidied,
    ];

    private static readonly string[] While =
    [
        .. FaultPoints.All.Where(point => Stages.Contains(point.Split('.')[0]) && !After.Contains(point)),
    ];

    /// <summary>Points that a builder of a server comes to itself.</summary>
    private static readonly string[] WhileRemote =
    [
        .. While.Where(point => point.Split('.')[0] is "buildd" or "build" && point != FaultPoints.BuilddPublished),
    ];

    private readonly Random random = new(seed);

    /// <summary>One run in four is of a builder that knows the farm by its server only.</summary>
    private readonly bool remote = seed % 4 == 3;

    public async Task RunAsync()
    {
        var points = remote ? WhileRemote : While;
        // One run in three at no point, but at any moment.
        var point = seed % 3 == 0 ? null : points[(seed / 3 * 2 + seed % 3 - 1) % points.Length];
        await using var farm = await FaultFarm.CreateAsync(postgres, Times);
        try
        {
            await RunAsync(farm, point);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            farm.Farm.HasFailed = true;
            throw new InvalidOperationException(
                $"stopped at {point ?? "any moment"}\n{e.Message}\n{farm.Farm.Said()}",
                e
            );
        }
    }

    private async Task RunAsync(FaultFarm farm, string? point)
    {
        await farm.DrainAsync();
        var job = new PlannedJob(
            Id,
            [],
            [
                ["sleep 0.2", $"product {Id}.txt f", "product shared.txt of-frozen", "sleep 0.2"],
            ],
            1,
            "successful"
        );
        var (server, words) = await FirstAsync(farm.Farm);
        await farm.SubmitAsync(job);
        await farm.Farm.DoAsync("incoming");
        var first = await StopAsync(farm.Farm, point, words);
        var second = farm.Farm.Start("buildd", "--name", FaultFarm.SecondBuilder, "--daemon");
        await second.SaysAsync("is running");
        await Task.Delay(ThreeLeases);
        var before = await SnapshotAsync(farm);
        first.Send(Signal.Continue);
        await NoticedAsync(first);
        await FinalAsync(farm, Id);
        var after = await SnapshotAsync(farm);
        Compare(before, after);
        await second.StopAsync();
        var next = await GoOnAsync(farm, first);
        if (server is not null)
            await server.StopAsync();
        await farm.CloseAsync([job, next], deadSubmissions: 0);
    }

    /// <summary>How the first builder is started; for a remote one its server runs then.</summary>
    private async Task<(FarmProcess? Server, string[] Words)> FirstAsync(TestFarm farm)
    {
        if (!remote)
            return (null, ["buildd", "--name", FaultFarm.FirstBuilder, "--daemon"]);
        campaign.Count("runs with a builder of a server");
        var address = await RemoteParts.EnrolAsync(farm, FaultFarm.FirstBuilder);
        var server = farm.Start("serve", "--listen", address);
        await server.SaysAsync(address);
        return (server, ["buildd", "--server", address, "--name", FaultFarm.FirstBuilder, "--daemon"]);
    }

    private async Task<FarmProcess> StopAsync(TestFarm farm, string? point, string[] words)
    {
        var armed = point is null ? null : $"{point}:pause";
        var first = farm.StartAt(armed, words);
        if (point is null)
        {
            await first.SaysAsync($"building {Id}");
            await Task.Delay(random.Next(450));
        }
        else
            await first.SaysAsync($"fault point {point}");
        first.Send(Signal.Stop);
        if (point is not null)
            campaign.Reached(point);
        return first;
    }

    private static async Task NoticedAsync(FarmProcess first)
    {
        var lost = first.SaysAsync("the lease is lost", TimeSpan.FromSeconds(20));
        var ended = first.SaysAsync($"{Id} on dummy-all: success", TimeSpan.FromSeconds(20));
        await await Task.WhenAny(lost, ended);
        await Task.WhenAny(Task.WhenAll(lost, ended).ContinueWith(_ => { }, TaskScheduler.Default), Task.Delay(300));
    }

    private static async Task FinalAsync(FaultFarm farm, string id)
    {
        var started = TimeProvider.System.GetTimestamp();
        while ((await World.ReadAsync(farm.Registry)).Jobs.Single(job => job.Id == id).State is 3 or 4)
        {
            TimeProvider.System.GetElapsedTime(started).TotalSeconds.Should().BeLessThan(30, "job {0} must end", id);
            await Task.Delay(20);
        }
    }

    private static async Task<Snapshot> SnapshotAsync(FaultFarm farm)
    {
        var world = await World.ReadAsync(farm.Registry);
        return new(
            world,
            World.Files(farm.Farm, "buckets"),
            World.Files(farm.Farm, $"spool/results/{Id}/dummy-all/2"),
            new FileInfo($"{farm.Farm.Directory}/buckets/main/dummy-all/list").LinkTarget
        );
    }

    private void Compare(Snapshot before, Snapshot after)
    {
        var attempts = after.World.Attempts;
        if (before.World.Attempts is not [{ Outcome: LostOutcome }, ..])
        {
            var ended = before.World.Attempts.Count > 0;
            campaign.Count(
                ended ? "the build had ended already" : "the lease was not lost: its end was being committed"
            );
            attempts.Should().ContainSingle("nobody else had it").Which.Builder.Should().Be(FaultFarm.FirstBuilder);
            return;
        }
        campaign.Count("the lease was lost");
        attempts
            .Select(a => (a.Builder, a.Outcome))
            .Should()
            .Equal((FaultFarm.FirstBuilder, LostOutcome), (FaultFarm.SecondBuilder, 1));
        attempts[0].Should().Be(before.World.Attempts[0], "the lost attempt stays as it was closed");
        if (before.World.Attempts.Count < 2)
        {
            campaign.Count(
                "the lease was lost; the second builder waited for the bucket's lock, which the first one held"
            );
            return;
        }
        campaign.Count("the lease was lost; the second builder had ended the task before the first went on");
        attempts.Should().Equal(before.World.Attempts);
        after.World.Tasks.Should().Equal(before.World.Tasks);
        after.World.Products.Should().Equal(before.World.Products);
        after.Results.Should().Equal(before.Results);
        after.Bucket.Should().Equal(before.Bucket);
        after.Link.Should().Be(before.Link);
    }

    /// <summary>The first builder is alone now, and takes the next task.</summary>
    private static async Task<PlannedJob> GoOnAsync(FaultFarm farm, FarmProcess first)
    {
        var next = new PlannedJob(
            "next",
            [],
            [
                ["product next.txt n"],
            ],
            1,
            "successful"
        );
        await farm.SubmitAsync(next);
        await farm.Farm.DoAsync("incoming");
        await FinalAsync(farm, next.Id);
        (await World.ReadAsync(farm.Registry)).Attempts[^1].Builder.Should().Be(FaultFarm.FirstBuilder);
        await first.StopAsync();
        return next;
    }

    private sealed record Snapshot(
        World World,
        IReadOnlyList<string> Bucket,
        IReadOnlyList<string> Results,
        string? Link
    );
}
