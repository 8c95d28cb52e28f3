using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using Xunit;

namespace PkgForge.Tests.Contracts;

/// <summary>
/// What every <see cref="IRegistry"/> does. The heirs give an empty database of their kind for each test; the claims
/// stand in the parts of this class, by concern.
/// </summary>
public abstract partial class RegistryContract : IAsyncLifetime
{
    protected static readonly PlatformKey Bookworm = new("bookworm", "amd64");
    protected static readonly PlatformKey Fedora = new("f43", "x86_64");
    protected static readonly string Sha = new('a', 64);
    protected static readonly string OtherSha = new('b', 64);
    protected static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The registry under test: migrated, with the platforms bookworm-amd64 and f43-x86_64.</summary>
    protected IRegistry Registry { get; private set; } = null!;

    /// <summary>Makes an empty database.</summary>
    protected abstract ValueTask CreateDatabaseAsync();

    protected abstract ValueTask DropDatabaseAsync();

    /// <summary>Options for another registry object on the test's database: another process' worth.</summary>
    protected abstract RegistryOptions Options { get; }

    /// <summary>Runs a statement past the registry. Times are written with <see cref="Ago"/>.</summary>
    protected abstract Task ExecuteAsync(string sql);

    /// <summary>An expression for a time so many seconds ago.</summary>
    protected abstract string Ago(int seconds);

    /// <summary>An expression for so many seconds, to add to a time.</summary>
    protected abstract string Seconds(int seconds);

    /// <summary>The word for false.</summary>
    protected abstract string False { get; }

    /// <summary>Sets what breaks a constraint. Returns false when the database took it.</summary>
    protected abstract Task<bool> IsRefusedAsync(string sql);

    public async ValueTask InitializeAsync()
    {
        await CreateDatabaseAsync();
        Registry = Registries.Open(Options);
        await Registry.MigrateAsync(Cancel);
        await Registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
        await Registry.AddPlatformAsync(new(Fedora, PackageFormat.Rpm, Active: true, Auto: false), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Registry is not null)
            await Registry.DisposeAsync();
        await DropDatabaseAsync();
    }

    protected static NewJob NewJob(string id, params PlatformKey[] platforms) =>
        new(
            new Job
            {
                Id = JobId.Parse(id),
                Submitter = "ada",
                Time = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero),
                Bucket = "main",
                Sources = ["hello_2.10-3.dsc", "world-1-1.src.rpm"],
                Files = [],
            },
            Sha,
            platforms.Length == 0 ? [Bookworm] : platforms
        );

    protected Task<RegisterOutcome> RegisterAsync(string id, params PlatformKey[] platforms) =>
        Registry.RegisterJobAsync(NewJob(id, platforms), Cancel);

    protected Task<RegisterOutcome> RegisterAsync(NewJob job, Func<Job, Job> change) =>
        Registry.RegisterJobAsync(job with { Job = change(job.Job) }, Cancel);

    /// <summary>A builder that runs on host "one".</summary>
    protected async Task<BuilderSession> BuilderAsync(string name = "b1", PlatformKey? platform = null)
    {
        await Registry.AddBuilderAsync(name, platform ?? Bookworm, Cancel);
        return (await Registry.AttachBuilderAsync(name, "one", Cancel)).Session!;
    }

    protected async Task<bool> LivesAsync(BuilderSession builder) =>
        (await Registry.BeatAsync([builder], Cancel)).Held.Contains(builder);

    protected async Task<ClaimedTask> ClaimAsync(BuilderSession builder) =>
        (await Registry.ClaimNextTaskAsync(builder, Cancel))!;

    protected async Task<JobDetail> JobAsync(string id) => (await Registry.FindJobAsync(JobId.Parse(id), Cancel))!;

    protected async Task<JobState> JobStateAsync(string id) => (await JobAsync(id)).Job.State;

    protected async Task<BuildTask> TaskAsync(string id) => (await JobAsync(id)).Tasks.Single();

    protected Task<bool> FinishAsync(ClaimedTask task, BuildTaskState state) =>
        Registry.FinishTaskAsync(task.Lease, Result(state), Cancel);

    protected static TaskResult Result(BuildTaskState state, OutgoingMail? mail = null) =>
        new(
            state,
            state == BuildTaskState.Fail ? Cause.Compile : null,
            state == BuildTaskState.Fail ? "main.c:1: error" : null,
            "done",
            state == BuildTaskState.Success ? [new("hello_2.10-3_amd64.deb", 53_000, OtherSha)] : [],
            mail
        );

    /// <summary>A builder that vanished: its lease is an hour old.</summary>
    protected Task ExpireLeasesAsync() =>
        ExecuteAsync($"UPDATE task SET lease_expires = {Ago(3600)} WHERE lease_expires IS NOT NULL");
}
