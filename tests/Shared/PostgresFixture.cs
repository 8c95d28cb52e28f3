using Xunit;

namespace PkgForge.Tests.Shared;

/// <summary>
/// One PostgreSQL server for a test run, started when the first test asks for it. Where PostgreSQL is not installed the
/// tests are skipped on a desk, and fail in CI.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresCluster>> cluster = new(PostgresCluster.StartAsync);

    /// <summary>The server of this run.</summary>
    public Task<PostgresCluster> StartedAsync()
    {
        Require();
        return cluster.Value;
    }

    /// <summary>Skips or fails the test where PostgreSQL is not installed.</summary>
    public void Require()
    {
        if (PostgresCluster.FindPrograms() is not null)
            return;
        const string Missing = "PostgreSQL is not installed: apt-get install postgresql";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(Missing);
        Assert.Skip(Missing);
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster.IsValueCreated && cluster.Value.IsCompletedSuccessfully)
            await (await cluster.Value).DisposeAsync();
    }
}
