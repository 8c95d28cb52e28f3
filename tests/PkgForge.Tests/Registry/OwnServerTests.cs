using AwesomeAssertions;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Sources;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>A registry on a server of these tests' own, which is stopped and started: others would be disturbed.</summary>
/// <param name="fixture">Says whether there can be one.</param>
/// <param name="settings">Where the server differs from PostgreSQL's defaults; null for one as the others of the tests.</param>
public abstract class OwnServerTests(PostgresFixture fixture, IReadOnlyList<string>? settings = null) : IAsyncLifetime
{
    protected static readonly PlatformKey Bookworm = new("bookworm", "amd64");

    protected static readonly Job Hello = new()
    {
        Id = JobId.Parse("hello"),
        Submitter = "ada",
        Time = DateTimeOffset.UnixEpoch,
        Bucket = "main",
        Sources = ["hello_2.10-3.dsc"],
        Files = [],
    };

    private PostgresCluster? server;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected static TaskResult Success { get; } = new(BuildTaskState.Success, null, null, null, [], null);

    protected PostgresCluster Server => server!;

    /// <summary>Migrated, with the platform bookworm-amd64.</summary>
    protected IRegistry Registry { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        fixture.Require();
        server = await PostgresCluster.StartAsync(settings: settings);
        Registry = Open();
        await Registry.MigrateAsync(Cancel);
        await Registry.AddPlatformAsync(new(Bookworm, PackageFormat.Debian, Active: true, Auto: true), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (server is null)
            return;
        await Registry.DisposeAsync();
        await server.DisposeAsync();
    }

    protected IRegistry Open(TimeSpan? lease = null)
    {
        var options = new RegistryOptions { Connection = $"postgres:{Server.ConnectionString("postgres")}" };
        return Registries.Open(lease is { } time ? options with { Lease = time } : options);
    }

    protected Task<RegisterOutcome> RegisterAsync() =>
        Registry.RegisterJobAsync(new(Hello, new('a', 64), [Bookworm]), Cancel);

    protected async Task<BuilderSession> AttachAsync(string name)
    {
        await Registry.AddBuilderAsync(name, Bookworm, Cancel);
        return (await Registry.AttachBuilderAsync(name, "host", null, Cancel)).Session!;
    }

    protected async Task<BuildTask> TaskAsync() =>
        (await Registry.FindJobAsync(Hello.Id, Cancel))!.Tasks.Should().ContainSingle().Subject;
}
