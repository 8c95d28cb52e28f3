using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Registry;
using PkgForge.Server.Builders;
using PkgForge.Server.Configuration;
using PkgForge.Server.Handlers;
using PkgForge.Spool;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Rows;

/// <summary>
/// What a hundred waiting builders ask of the database. Each has a farm and a registry of its own, with its own connections, as if it were a
/// process on a machine of its own; only that they share one process here. The server writes down every statement.
/// </summary>
internal sealed class IdleHundred()
    : Row(
        "idle-100",
        "SQL statements a second, 100 waiting builders, each with its own registry",
        new Bar.Most(1, "/s")
    )
{
    private const int Builders = 100;
    private const string Client = "builders";

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    // Every builder gives a sign of life every two minutes: one of each falls into the window.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    public override async Task<Figures> MeasureAsync(Place place)
    {
        // Two connections for each builder: one listens.
        await using var server = await IdleFarm.StartServerAsync(["max_connections=250"]);
        var log = await StatementLog.BeginAsync(server);
        var configuration = await ConfigureAsync(place, server);
        using var stop = new CancellationTokenSource();
        var running = await StartAsync(configuration, stop.Token);
        try
        {
            await Task.Delay(Settling);
            var from = TimeProvider.System.GetUtcNow();
            await Task.Delay(Window);
            return Read(log.Since(from).Where(s => s.Client == Client));
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    private static async Task<FarmConfiguration> ConfigureAsync(Place place, PostgresCluster server)
    {
        var farm = new ScratchFarm($"{place.Scratch}/idle-100", $"{place.Scratch}/idle-100/work");
        await IdleFarm.InitialiseAsync(farm, IdleFarm.Registry(server, "setup"), builders: 0);
        farm.Configure(Client, IdleFarm.Registry(server, Client), IdleFarm.Sections);
        return ConfigurationFiles.Load($"{farm.Directory}/{Client}.yml");
    }

    /// <summary>Starts all builders, and returns when each has claimed and found nothing.</summary>
    private static async Task<IReadOnlyList<Task>> StartAsync(FarmConfiguration configuration, CancellationToken stop)
    {
        var running = new List<Task>();
        for (var i = 1; i <= Builders; i++)
        {
            var registry = Registries.Open(new() { Connection = configuration.Registry });
            var name = string.Create(CultureInfo.InvariantCulture, $"b{i}");
            await registry.AddBuilderAsync(name, IdleFarm.Platform, stop);
            running.Add(RunAsync(configuration, registry, name, stop));
        }
        return running;
    }

    private static async Task RunAsync(
        FarmConfiguration configuration,
        IRegistry registry,
        string name,
        CancellationToken stop
    )
    {
        await using (registry)
        {
            var log = NullLogger.Instance;
            var spool = SpoolDirectories.Under(configuration.Spool);
            await using var farm = new LocalFarm(new(configuration, registry, spool, log, TimeProvider.System));
            await using var builder = new Buildd(farm, new(configuration, log, TimeProvider.System), name);
            await HandlerLoop.RunDaemonAsync(builder, log, TimeProvider.System, stop);
        }
    }

    private static Figures Read(IEnumerable<LoggedStatement> statements)
    {
        var kinds = statements.CountBy(s => s.Text[(s.Text.IndexOf(": ", StringComparison.Ordinal) + 2)..]).ToList();
        var all = kinds.Sum(kind => kind.Value);
        var most = kinds.OrderByDescending(kind => kind.Value).Take(3).Select(k => $"{k.Value} x {k.Key}");
        return new(all / Window.TotalSeconds, "/s", 1)
        {
            Note = $"{all} statements in {Window.TotalSeconds:0} s: {string.Join("; ", most)}",
        };
    }
}
