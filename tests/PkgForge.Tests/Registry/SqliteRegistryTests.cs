using Microsoft.Data.Sqlite;
using PkgForge.Registry;
using PkgForge.Tests.Contracts;
using Xunit;

namespace PkgForge.Tests.Registry;

public sealed class SqliteRegistryTests : RegistryContract
{
    private readonly string directory = Directory.CreateTempSubdirectory("pkgforge-registry-").FullName;

    private string Database => Path.Combine(directory, "registry.db");

    protected override RegistryOptions Options => new() { Connection = $"sqlite:{Database}" };

    protected override ValueTask CreateDatabaseAsync() => ValueTask.CompletedTask;

    protected override ValueTask DropDatabaseAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override string Ago(int seconds) => $"(unixepoch() - {seconds}) * 1000";

    protected override string Seconds(int seconds) => $"{seconds * 1000}";

    protected override string False => "0";

    protected override async Task EmptyDatabaseAsync()
    {
        await Registry.DisposeAsync();
        File.Delete(Database);
    }

    protected override Task ExecuteAsync(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=false;Foreign Keys=true");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    protected override async Task<bool> IsRefusedAsync(string sql)
    {
        try
        {
            await ExecuteAsync(sql);
            return false;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 19)
        {
            return true;
        }
    }
}
