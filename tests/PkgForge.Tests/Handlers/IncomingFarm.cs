using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Sources;
using PkgForge.Spool;
using PkgForge.Tests.Jobs;
using PkgForge.Tests.Spool;
using Xunit;

namespace PkgForge.Tests.Handlers;

/// <summary>A spool and an embedded registry with the platform dummy-all, for tests of incoming. The clock stands still.</summary>
internal sealed class IncomingFarm : IAsyncDisposable
{
    private readonly SpoolFixture spool = new();
    private readonly FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());

    private IncomingFarm()
    {
        var configuration = new FarmConfiguration
        {
            Spool = spool.Root,
            Registry = $"sqlite:{spool.Root}/registry.db",
            Buckets = new Dictionary<string, BucketOptions> { ["main"] = new(["main"], CheckMode.Off, CheckMode.Off) },
        };
        Registry = Registries.Open(new() { Connection = configuration.Registry });
        Farm = new(configuration, Registry, spool.Spool, NullLogger.Instance, time);
    }

    public IRegistry Registry { get; }

    public Farm Farm { get; }

    public string Incoming => spool.Spool.Incoming.Path;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<IncomingFarm> CreateAsync()
    {
        var farm = new IncomingFarm();
        await farm.Registry.MigrateAsync(Cancel);
        await farm.Registry.AddPlatformAsync(new(new("dummy", "all"), PackageFormat.Dummy, true, true), Cancel);
        return farm;
    }

    /// <summary>Submits a job that is to wait for others.</summary>
    public void Submit(string id, params string[] after)
    {
        const string Script = "name a 1.0\n";
        var job = SomeJob.With(SomeJob.File("a.dummy", Script)) with
        {
            Id = JobId.Parse(id),
            Submitter = spool.Me,
            After = [.. after.Select(JobId.Parse)],
        };
        var placed = Submission.Place(job, [spool.Write("home/a.dummy", Script)], Incoming, Cancel);
        if (placed.Outcome != SubmissionOutcome.Placed)
            throw new InvalidOperationException(placed.Message);
    }

    /// <summary>A job whose files are not there yet.</summary>
    public void BeginToCopy(string id) => Directory.CreateDirectory($"{Incoming}/{id}");

    /// <summary>Passes of incoming, until there is nothing to do.</summary>
    public async Task RunAsync()
    {
        await using var incoming = new Incoming(Farm);
        await HandlerLoop.RunOnceAsync(incoming, Cancel);
    }

    /// <summary>Lets time pass for those who wait for jobs to become complete.</summary>
    public void Wait(TimeSpan wait) => time.Advance(wait);

    public async Task<JobSummary?> JobAsync(string id) => (await Registry.FindJobAsync(JobId.Parse(id), Cancel))?.Job;

    public async Task<IReadOnlyList<JobSummary>> JobsAsync() => await Registry.ListJobsAsync(new(Limit: 1000), Cancel);

    public string[] Entries(string area) => [.. spool.Entries(area).Where(name => name != ".incoming.lock")];

    /// <summary>Runs a statement past the registry, e.g. to make its next change fail.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={spool.Root}/registry.db");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        // A test's own constant text.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancel);
    }

    /// <summary>Lets a platform be switched off in the moment in which a job is registered.</summary>
    public Task SwitchOffWithAsync(string id) =>
        ExecuteAsync(
            $"""
            CREATE TRIGGER trouble AFTER INSERT ON job WHEN NEW.id = '{id}'
            BEGIN UPDATE platform SET active = 0, auto = 0; END
            """
        );

    public Task EndTroubleAsync() => ExecuteAsync("DROP TRIGGER trouble");

    public async ValueTask DisposeAsync()
    {
        await Registry.DisposeAsync();
        spool.Dispose();
    }
}
