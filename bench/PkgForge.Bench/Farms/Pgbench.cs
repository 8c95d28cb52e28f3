using System.Globalization;
using Npgsql;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Processes;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Farms;

/// <summary>PostgreSQL's own load generator, in C, with prepared statements.</summary>
internal static class Pgbench
{
    /// <summary>Runs a script. Returns the mean time, in milliseconds, of the statement that begins so.</summary>
    public static async Task<double> MeanAsync(
        RegistryDatabase database,
        string script,
        string statement,
        (int Clients, int Transactions) load
    )
    {
        var program = Path.Combine(PostgresCluster.FindPrograms()!, "pgbench");
        if (!File.Exists(program))
            throw new CannotMeasureException("pgbench is not installed: apt-get install postgresql-contrib");
        var keywords = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        string[] server = ["-h", keywords.Host!, "-U", keywords.Username!];
        string[] how = ["-n", "-r", "-M", "prepared", "-j", "2", "-c", $"{load.Clients}", "-t", $"{load.Transactions}"];
        var printed = await Tool.RequireAsync(
            new(program, [.. server, .. how, "-f", Place.Script(script), database.Name]),
            CancellationToken.None
        );
        var line = printed.Split('\n').FirstOrDefault(l => l.Contains($"  {statement}", StringComparison.Ordinal));
        return line is null
            ? throw new CannotMeasureException($"pgbench reports no statement {statement}: {printed}")
            : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
    }
}
