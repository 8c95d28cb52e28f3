using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd;

/// <summary>Several incoming daemons at one spool: none of 50 jobs is lost, doubled, or delayed for long.</summary>
public sealed class IncomingDaemonsTests(PostgresFixture postgres) : FarmTests
{
    private const int Jobs = 50;

    /// <summary>Far below the slow scan (60 s): whatever happens, somebody was woken.</summary>
    private static readonly TimeSpan NotLong = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(2, false, "sqlite")]
    [InlineData(10, false, "sqlite")]
    [InlineData(2, true, "sqlite")]
    [InlineData(10, true, "postgres")]
    public async Task No_job_is_lost_doubled_or_delayed(int daemons, bool killed, string database)
    {
        var registry = database == "sqlite" ? null : Keep(await FarmDatabase.CreateAsync(postgres)).Registry;
        var farm = await MakeFarmAsync(new() { Registry = registry });
        var running = Enumerable.Range(0, daemons).Select(_ => farm.Start("incoming", "--daemon")).ToList();
        await Task.WhenAll(running.Select(daemon => daemon.SaysAsync("incoming is running")));
        for (var i = 0; i < Jobs; i++)
        {
            var job = new HandMadeJob(farm, $"job-{i}");
            await job.With(job.Manifest, HandMadeJob.Source).PutAsync();
            // All but one of them die, at points of their work that nobody has chosen.
            if (killed && i % (Jobs / daemons) == 0 && i > 0)
                running[i / (Jobs / daemons)].Send(Signal.Kill);
        }
        await EmptyAsync(farm);

        var jobs = JobStatus.ParseList(await farm.DoAsync("status", "--json", "--limit", "1000"));
        jobs.Select(job => job.Id).Should().BeEquivalentTo(Enumerable.Range(0, Jobs).Select(i => $"job-{i}"));
        jobs.Should().OnlyContain(job => job.State == "registered");
        farm.Files("spool/accepted").Should().HaveCount(2 * Jobs);
        await farm.DoAsync("buildd", "--name", "b1");
        jobs = JobStatus.ParseList(await farm.DoAsync("status", "--json", "--limit", "1000"));
        jobs.Should().HaveCount(Jobs).And.OnlyContain(job => job.State == "successful");
        farm.Files("spool/results").Should().HaveCount(3 * Jobs, "each was built once: a log, a record and a product");
        await Task.WhenAll(running.Where(daemon => !daemon.HasEnded).Select(daemon => daemon.StopAsync()));
    }

    /// <summary>Waits until everything has been taken.</summary>
    private static async Task EmptyAsync(TestFarm farm)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (Directory.EnumerateFileSystemEntries(farm.Incoming).Any())
        {
            TimeProvider
                .System.GetElapsedTime(started)
                .Should()
                .BeLessThan(NotLong, "of what the daemons said:\n{0}", farm.Said());
            await Task.Delay(50);
        }
    }
}
