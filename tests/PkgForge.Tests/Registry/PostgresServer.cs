using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.Tests.Registry;

/// <summary>A server for one class of tests that others would be disturbed by: it is stopped, or has roles.</summary>
public sealed class PostgresServer(PostgresFixture fixture) : IAsyncLifetime
{
    private PostgresCluster? cluster;

    public PostgresCluster Cluster => cluster!;

    public async ValueTask InitializeAsync()
    {
        fixture.Require();
        cluster = await PostgresCluster.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
    }
}
