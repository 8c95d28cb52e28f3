using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Faults;

internal sealed record JobFact(string Id, string Bucket, bool Scratch, int State);

internal sealed record TaskFact(long Id, string Job, string Platform, int State, long Lease);

internal sealed record AttemptFact(long Task, long Number, string Builder, int Outcome, string Ended);

internal sealed record ProductFact(long Task, string Name, long Size, string Sha256);

/// <summary>What the registry's tables say, read by plain SQL: nothing of the program under test is between.</summary>
internal sealed record World(
    IReadOnlyList<JobFact> Jobs,
    IReadOnlyList<TaskFact> Tasks,
    IReadOnlyList<AttemptFact> Attempts,
    IReadOnlyList<ProductFact> Products
)
{
    public const int Invalid = 2;
    public const int Building = 12;
    public const int Success = 13;

    public static async Task<World> ReadAsync(string registry)
    {
        await using var connection = Connect(registry);
        await connection.OpenAsync();
        // One moment of the database for all four.
        await using var transaction = await connection.BeginTransactionAsync(
            registry[0] == 's' ? System.Data.IsolationLevel.Unspecified : System.Data.IsolationLevel.RepeatableRead
        );
        return new(
            await RowsAsync(
                connection,
                transaction,
                "SELECT id, bucket, scratch, state FROM job ORDER BY number",
                r => new JobFact(r.GetString(0), r.GetString(1), Convert.ToInt64(r.GetValue(2)) != 0, r.GetInt32(3))
            ),
            await RowsAsync(
                connection,
                transaction,
                "SELECT task.id, job.id, platform.name || '-' || platform.architecture, task.state, task.lease "
                    + "FROM task JOIN job ON job.number = task.job JOIN platform ON platform.id = task.platform ORDER BY task.id",
                r => new TaskFact(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetInt32(3), r.GetInt64(4))
            ),
            await RowsAsync(
                connection,
                transaction,
                "SELECT task, number, builder, outcome, CAST(ended AS text) FROM attempt ORDER BY task, number",
                r => new AttemptFact(r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetInt32(3), r.GetString(4))
            ),
            await RowsAsync(
                connection,
                transaction,
                "SELECT task, file_name, size, sha256 FROM product ORDER BY task, file_name",
                r => new ProductFact(r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.GetString(3))
            )
        );
    }

    /// <summary>Every file below a directory with its digest.</summary>
    public static IReadOnlyList<string> Files(TestFarm farm, string below) =>
        [
            .. farm.Files(below)
                // A lock has no content, and who holds it keeps others from reading it.
                .Where(path => Path.GetFileName(path) != "lock")
                .Select(path => $"{path} {Digest($"{farm.Directory}/{below}/{path}")}"),
        ];

    public static string Digest(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static DbConnection Connect(string registry) =>
        registry.StartsWith("sqlite:", StringComparison.Ordinal)
            ? new SqliteConnection($"Data Source={registry["sqlite:".Length..]};Mode=ReadOnly;Pooling=false")
            : new NpgsqlConnection($"{registry["postgres:".Length..]};Pooling=false");

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(
        DbConnection connection,
        DbTransaction transaction,
        string sql,
        Func<DbDataReader, T> read
    )
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }
}
