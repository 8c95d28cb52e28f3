using Xunit;

namespace PkgForge.Tests.Shared;

/// <summary>
/// One PostgreSQL server for a test run, started when the first test asks for it. Where PostgreSQL is not installed the
/// tests are skipped on a desk, and fail in CI.
/// </summary>
public class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresCluster>> cluster;

    public PostgresFixture()
        : this(null) { }

    protected PostgresFixture(int? version)
    {
        Version = version;
        cluster = new(() => PostgresCluster.StartAsync(version));
    }

    /// <summary>The major version; null for whichever the machine has.</summary>
    private int? Version { get; }

    /// <summary>The server of this run.</summary>
    public Task<PostgresCluster> StartedAsync()
    {
        Require();
        return cluster.Value;
    }

    /// <summary>Skips or fails the test where PostgreSQL is not installed.</summary>
    public void Require()
    {
        if (PostgresCluster.FindPrograms(Version) is not null)
            return;
        if (Version is { } version)
            Assert.Skip(
                $"PostgreSQL {version} is not there: tests/environment test fetches it, where npm is installed"
            );
        const string Missing = "PostgreSQL is not installed: apt-get install postgresql";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (cluster.IsValueCreated && cluster.Value.IsCompletedSuccessfully)
            await (await cluster.Value).DisposeAsync();
    }
}

/// <summary>The same with PostgreSQL 18, the newest that the farm is tested with. Not every machine can fetch it.</summary>
public sealed class Postgres18Fixture() : PostgresFixture(18);
