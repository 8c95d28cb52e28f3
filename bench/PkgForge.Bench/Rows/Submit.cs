using System.Diagnostics;
using Npgsql;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Jobs;
using PkgForge.Registry;

namespace PkgForge.Bench.Rows;

/// <summary>How fast jobs are registered, beside statements that put as many rows into the same tables and do nothing else.</summary>
internal sealed class Submit()
    : Row(
        "submit",
        "10,000 jobs on 4 platforms registered in batches of 100, against bare inserts of 100 jobs and 400 tasks in a transaction",
        new Bar.Rate(0.7)
    )
{
    private const int Jobs = 10_000;
    private const int Batch = 100;

    private const string BareJobs = """
        INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, priority, submitted, registered, state)
        SELECT id, 'user0', 'main', false, sources, repeat('0', 64), 0, now(), now(), 3 FROM unnest($1, $2) AS given (id, sources)
        RETURNING number
        """;

    private const string BareTasks = """
        INSERT INTO task (job, platform, lane, state, estimate, waiting, blocked)
        SELECT job, platform, lane, 11, NULL, now(), 0 FROM unnest($1, $2, $3) AS given (job, platform, lane)
        """;

    private int runs;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var server = await place.RegistryServerAsync();
        await using var database = await server.CopyAsync("submit", finishedTasks: 1_000_000);
        await using var registry = database.Open();
        await using var connection = await database.ConnectAsync();
        var figures = await Paired.MeasureAsync(
            place.Pairs(7),
            "jobs/s",
            () => RateAsync(run => OursAsync(registry, run)),
            () => RateAsync(run => BareAsync(connection, run))
        );
        return figures with
        {
            Note = "ours also looks for ids that are taken, learnt times, caps' lanes, and wakes builders",
        };
    }

    private async Task<double> RateAsync(Func<int, Task> insert)
    {
        var started = Stopwatch.GetTimestamp();
        await insert(++runs);
        return Jobs / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task OursAsync(IRegistry registry, int run)
    {
        for (var i = 0; i < Jobs; i += Batch)
        {
            var jobs = Enumerable
                .Range(i, Batch)
                .Select(n => SomeJob.New($"run{run}-{n}", RegistryServer.Keys))
                .ToList();
            var outcomes = await registry.RegisterJobsAsync(jobs, default);
            if (outcomes.Any(outcome => outcome != RegisterOutcome.Registered))
                throw new CannotMeasureException("a job was not registered");
        }
    }

    private static async Task BareAsync(NpgsqlConnection connection, int run)
    {
        long[] platforms = [1, 2, 3, 4];
        for (var i = 0; i < Jobs; i += Batch)
        {
            var ids = Enumerable.Range(i, Batch).Select(n => $"run{run}-{n}").ToArray();
            await using var transaction = await connection.BeginTransactionAsync();
            var numbers = await InsertJobsAsync(connection, ids);
            await using var tasks = new NpgsqlCommand(BareTasks, connection);
            tasks.Parameters.Add(new() { Value = numbers.SelectMany(n => platforms.Select(_ => n)).ToArray() });
            tasks.Parameters.Add(new() { Value = numbers.SelectMany(_ => platforms).ToArray() });
            tasks.Parameters.Add(new() { Value = numbers.SelectMany(_ => platforms.Select(LaneOf)).ToArray() });
            await tasks.PrepareAsync();
            await tasks.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
        }
    }

    private static async Task<List<long>> InsertJobsAsync(NpgsqlConnection connection, string[] ids)
    {
        await using var jobs = new NpgsqlCommand(BareJobs, connection);
        jobs.Parameters.Add(new() { Value = ids });
        jobs.Parameters.Add(new() { Value = ids.Select(id => $"""["{id}_1.0-1.dsc"]""").ToArray() });
        await jobs.PrepareAsync();
        await using var reader = await jobs.ExecuteReaderAsync();
        var numbers = new List<long>();
        while (await reader.ReadAsync())
            numbers.Add(reader.GetInt64(0));
        return numbers;
    }

    // Lanes of a platform are numbered in the order of submitters: the first is user0's.
    private static long LaneOf(long platform) => (platform - 1) * 10 + 1;
}
