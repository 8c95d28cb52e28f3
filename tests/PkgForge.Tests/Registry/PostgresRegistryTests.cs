using AwesomeAssertions;
using Npgsql;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using PkgForge.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace PkgForge.Tests.Registry;

public sealed class PostgresRegistryTests(PostgresFixture fixture) : RegistryContract
{
    private readonly string database = $"registry_{Guid.NewGuid():N}";
    private PostgresCluster? cluster;

    protected override RegistryOptions Options =>
        new() { Connection = $"postgres:{Server.ConnectionString(database)}" };

    private PostgresCluster Server => cluster!;

    protected override async ValueTask CreateDatabaseAsync()
    {
        cluster = await fixture.StartedAsync();
        await Server.CreateDatabaseAsync(database);
    }

    protected override async ValueTask DropDatabaseAsync()
    {
        if (cluster is not null)
            await Server.DropDatabaseAsync(database);
    }

    protected override string Ago(int seconds) => $"(now() - interval '{seconds} s')";

    protected override string Seconds(int seconds) => $"interval '{seconds} s'";

    protected override string False => "false";

    protected override async Task EmptyDatabaseAsync()
    {
        await Registry.DisposeAsync();
        await Server.DropDatabaseAsync(database);
        await Server.CreateDatabaseAsync(database);
    }

    protected override Task ExecuteAsync(string sql) => Server.ExecuteAsync(database, sql);

    protected override async Task<bool> IsRefusedAsync(string sql)
    {
        try
        {
            await ExecuteAsync(sql);
            return false;
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            return true;
        }
    }
}
