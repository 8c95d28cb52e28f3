using Xunit;

namespace PkgForge.Tests.Shared;

/// <summary>
/// One PostgreSQL server for a test run, started when the first test asks for it. Where PostgreSQL is not installed the
/// tests are skipped on a desk, and fail in CI.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresCluster>> cluster = new(PostgresCluster.StartAsync);

    public Task<PostgresCluster> StartedAsync()
    {
        if (PostgresCluster.FindPrograms() is null)
        {
            const string Missing = "PostgreSQL is not installed: apt-get install postgresql";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(Missing);
            Assert.Skip(Missing);
        }
        return cluster.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster.IsValueCreated && cluster.Value.IsCompletedSuccessfully)
            await (await cluster.Value).DisposeAsync();
    }
}
