using System.Globalization;
using Npgsql;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Farms;

/// <summary>A statement that the server has written down.</summary>
/// <param name="Client">The application that sent it.</param>
/// <param name="At">When, in seconds since 1970.</param>
/// <param name="Text">What the server says of it.</param>
internal sealed record LoggedStatement(string Client, double At, string Text);

/// <summary>The log of a server that writes down every statement.</summary>
internal sealed class StatementLog
{
    private readonly string path;

    private StatementLog(string path) => this.path = path;

    /// <summary>Makes a server write down every statement from now on.</summary>
    public static async Task<StatementLog> BeginAsync(PostgresCluster server)
    {
        var administrator = server.ConnectionString("postgres");
        await PostgresCluster.ExecuteAsync(administrator, "ALTER SYSTEM SET log_statement = 'all'");
        await PostgresCluster.ExecuteAsync(administrator, "ALTER SYSTEM SET log_line_prefix = '%n|%a|'");
        await PostgresCluster.ExecuteAsync(administrator, "SELECT pg_reload_conf()");
        await using var connection = new NpgsqlConnection($"{administrator};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SHOW data_directory", connection);
        var data = (string)(await command.ExecuteScalarAsync())!;
        return new(Path.Combine(Path.GetDirectoryName(data)!, "log"));
    }

    /// <summary>Every statement since then, oldest first.</summary>
    public IReadOnlyList<LoggedStatement> Since(DateTimeOffset time) =>
        [
            .. File.ReadLines(path)
                .Select(line => line.Split('|', 3))
                .Where(part => part.Length == 3)
                .Where(part => part[2].Contains("statement: ") || part[2].Contains("execute "))
                .Select(part => new LoggedStatement(
                    part[1],
                    double.Parse(part[0], CultureInfo.InvariantCulture),
                    part[2]
                ))
                .Where(s => s.At >= time.ToUnixTimeMilliseconds() / 1000.0),
        ];
}
