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
        var log = await StatementLog.BeginAsync(server);
        var farm = new ScratchFarm($"{place.Scratch}/{Name}", $"{place.Scratch}/{Name}/work");
        await IdleFarm.InitialiseAsync(farm, IdleFarm.Registry(server, "setup"), builders: 2);
        await using var incoming = await StartAsync(farm, server, "incoming", "incoming");
        await using var first = await StartAsync(farm, server, "b1", "buildd", "--name", "b1");
        await using var second = await StartAsync(farm, server, "b2", "buildd", "--name", "b2");
        await Task.Delay(Settling);
        var from = TimeProvider.System.GetUtcNow();
        await Task.Delay(Window);
        return Read(log.Since(from), ["incoming", "b1", "b2"]);
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

    private static Figures Read(IReadOnlyList<LoggedStatement> log, string[] clients)
    {
        var statements = log.ToLookup(s => s.Client, s => s.At);
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
