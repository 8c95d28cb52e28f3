using System.Globalization;
using Npgsql;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Rows;

/// <summary>
/// How often the daemons of an idle farm ask the database. The server writes down every statement; statements of one
/// daemon within a second are one round of questions. The figure is the shortest time between two rounds of any daemon.
/// </summary>
internal sealed class IdleQueries()
    : Row(
        "idle-queries",
        "shortest time between two rounds of queries of a daemon: incoming and two builders, idle, PostgreSQL",
        new Bar.Least(30, "s")
    )
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(65);

    public override async Task<Figures> MeasureAsync(Place place)
    {
        await using var server = await IdleFarm.StartServerAsync();
        var log = await WriteStatementsDownAsync(server);
        var farm = new ScratchFarm($"{place.Scratch}/{Name}", $"{place.Scratch}/{Name}/work");
        await IdleFarm.InitialiseAsync(farm, IdleFarm.Registry(server, "setup"), builders: 2);
        await using var incoming = await StartAsync(farm, server, "incoming", "incoming");
        await using var first = await StartAsync(farm, server, "b1", "buildd", "--name", "b1");
        await using var second = await StartAsync(farm, server, "b2", "buildd", "--name", "b2");
        await Task.Delay(Settling);
        var from = TimeProvider.System.GetUtcNow();
        await Task.Delay(Window);
        return Read(log, from, ["incoming", "b1", "b2"]);
    }

    private static Task<Daemon> StartAsync(
        ScratchFarm farm,
        PostgresCluster server,
        string client,
        params IReadOnlyList<string> words
    )
    {
        farm.Configure(client, IdleFarm.Registry(server, client), IdleFarm.Sections);
        return farm.StartAsync(client, words);
    }

    /// <summary>Returns the path of the server's log, whose lines begin <c>SECONDS|CLIENT|</c> from now on.</summary>
    private static async Task<string> WriteStatementsDownAsync(PostgresCluster server)
    {
        var administrator = server.ConnectionString("postgres");
        await PostgresCluster.ExecuteAsync(administrator, "ALTER SYSTEM SET log_statement = 'all'");
        await PostgresCluster.ExecuteAsync(administrator, "ALTER SYSTEM SET log_line_prefix = '%n|%a|'");
        await PostgresCluster.ExecuteAsync(administrator, "SELECT pg_reload_conf()");
        await using var connection = new NpgsqlConnection($"{administrator};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SHOW data_directory", connection);
        return Path.Combine(Path.GetDirectoryName((string)(await command.ExecuteScalarAsync())!)!, "log");
    }

    private static Figures Read(string log, DateTimeOffset from, string[] clients)
    {
        var statements = File.ReadLines(log)
            .Select(line => line.Split('|', 3))
            .Where(part => part.Length == 3 && clients.Contains(part[1], StringComparer.Ordinal))
            .Where(part => part[2].Contains("statement: ") || part[2].Contains("execute "))
            .Select(part => (Client: part[1], At: double.Parse(part[0], CultureInfo.InvariantCulture)))
            .Where(s => s.At >= from.ToUnixTimeMilliseconds() / 1000.0)
            .ToLookup(s => s.Client, s => s.At);
        var rounds = clients.ToDictionary(client => client, client => Rounds(statements[client]));
        var shortest = rounds
            .Values.SelectMany(r => r.Zip(r.Skip(1), (a, b) => b - a))
            .Append(Window.TotalSeconds)
            .Min();
        var counts = clients.Select(c => $"{c}: {rounds[c].Count} rounds, {statements[c].Count()} statements");
        // To the second: a timer of 30 s and the question's own way to the server.
        return new(Math.Round(shortest), "s", 1)
        {
            Note = $"in {Window.TotalSeconds:0} s, {string.Join("; ", counts)}",
        };
    }

    private static List<double> Rounds(IEnumerable<double> times)
    {
        var rounds = new List<double>();
        var last = double.NegativeInfinity;
        foreach (var time in times)
        {
            if (time - last > 1)
                rounds.Add(time);
            last = time;
        }
        return rounds;
    }
}
