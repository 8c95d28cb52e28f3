using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PkgForge.Bench.Measuring;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Server.Remote;

namespace PkgForge.Bench.Farms;

/// <summary>How a crew ends what it has claimed.</summary>
internal enum Ending
{
    /// <summary>By a bare statement of the benchmark's own, past the registry.</summary>
    Bare,

    /// <summary>As a farm does.</summary>
    Registry,
}

/// <summary>Builders that claim, and end what they have claimed.</summary>
internal sealed class Crew : IAsyncDisposable
{
    private const string Host = "bench";

    private const string End = """
        UPDATE task SET state = 13, builder = NULL, lease_expires = NULL, claimed = NULL, session = NULL WHERE id = $1
        """;

    /// <summary>As in inputs/bare-claim.sql.</summary>
    private const string BareClaim = """
        UPDATE task SET state = 12, lease = lease + 1, lease_expires = now() + interval '30 s', claimed = now(), session = 1, builder = $2, turn = 0
        WHERE id = (SELECT id FROM task WHERE lane = $1 AND state = 11 AND blocked = 0 ORDER BY rank, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, lease
        """;

    /// <summary>10 submitters on 4 platforms.</summary>
    private const int Lanes = 40;

    private static readonly JobId SomeBare = JobId.Parse("bare");

    private static readonly TaskResult Success = new(BuildTaskState.Success, null, null, null, [], null);

    private readonly IRegistry registry;
    private readonly Ending ending;
    private readonly List<Member> builders = [];
    private NpgsqlDataSource? source;

    private Crew(IRegistry registry, Ending ending) => (this.registry, this.ending) = (registry, ending);

    /// <summary>
    /// Adds builders b1, b2 ... in turn for each platform, and attaches them. They claim through one registry object, as the builders of one
    /// server do.
    /// </summary>
    public static async Task<Crew> AttachAsync(RegistryDatabase database, int builders, Ending ending)
    {
        var crew = new Crew(database.Open(), ending);
        for (var i = 0; i < builders; i++)
        {
            var name = await crew.AddAsync(i);
            var session = (await crew.registry.AttachBuilderAsync(name, Host, default)).Session!;
            crew.builders.Add(
                new(name, await database.ConnectAsync(), () => crew.registry.ClaimNextTaskAsync(session, default))
            );
        }
        return crew;
    }

    /// <summary>No builders: the first task of any lane is claimed by the bare statement, on pooled connections, as the registry has them.</summary>
    public static async Task<Crew> BareAsync(RegistryDatabase database, int builders)
    {
        var crew = new Crew(database.Open(), Ending.Bare);
        var pool = NpgsqlDataSource.Create(
            $"{database.ConnectionString};Max Auto Prepare=10;Auto Prepare Min Usages=2;No Reset On Close=true"
        );
        for (var i = 0; i < builders; i++)
        {
            // The numbers of builders that are there: the foreign key is asked for as it is for theirs.
            var (name, number, random) = ($"b{i + 1}", i + 1, new Random(i));
            crew.builders.Add(
                new(name, await database.ConnectAsync(), () => ClaimBareAsync(pool, number, random.Next(1, Lanes + 1)))
            );
        }
        crew.source = pool;
        return crew;
    }

    private static async Task<ClaimedTask?> ClaimBareAsync(NpgsqlDataSource source, long builder, long lane)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var claim = new NpgsqlCommand(BareClaim, connection);
        claim.Parameters.Add(new() { Value = lane });
        claim.Parameters.Add(new() { Value = builder });
        await using var reader = await claim.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? new(new(reader.GetInt64(0), reader.GetInt64(1), "bare", 1), SomeBare, RegistryServer.Keys[0])
            : null;
    }

    /// <summary>The same over HTTP: each builder speaks to the server as from a machine of its own, over its own connection.</summary>
    public static async Task<Crew> EnrolAsync(RegistryDatabase database, int builders, Uri server)
    {
        var crew = new Crew(database.Open(), Ending.Bare);
        for (var i = 0; i < builders; i++)
        {
            var name = await crew.AddAsync(i);
            var token = await ForgeServer.TokenAsync(crew.registry, name);
            var farm = new RemoteFarm(new(server, token, "/nonexistent", NullLogger.Instance, TimeProvider.System));
            var session = (await farm.AttachAsync(name, Host, default)).Session;
            crew.builders.Add(
                new(name, await database.ConnectAsync(), () => farm.ClaimAsync(session, default)) { Farm = farm }
            );
        }
        return crew;
    }

    /// <summary>Claims so many tasks, and ends them, all builders at once. Returns how long each claim and each end took, in milliseconds.</summary>
    public async Task<Times> WorkAsync(int tasks)
    {
        var each = tasks / builders.Count;
        var all = await Task.WhenAll(builders.Select(builder => Task.Run(() => WorkAsync(builder, each))));
        return new([.. all.SelectMany(times => times.Claims)], [.. all.SelectMany(times => times.Ends)]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var builder in builders)
            await builder.DisposeAsync();
        if (source is not null)
            await source.DisposeAsync();
        await registry.DisposeAsync();
    }

    private async Task<string> AddAsync(int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"b{number + 1}");
        await registry.AddBuilderAsync(name, RegistryServer.Keys[number % RegistryServer.Platforms], default);
        return name;
    }

    private async Task<Times> WorkAsync(Member builder, int tasks)
    {
        var times = new Times(new(tasks), new(tasks));
        await using var end = new NpgsqlCommand(End, builder.Connection);
        var id = new NpgsqlParameter<long>();
        end.Parameters.Add(id);
        await end.PrepareAsync();
        while (times.Ends.Count < tasks)
        {
            var started = Stopwatch.GetTimestamp();
            var claimed = await builder.ClaimAsync();
            times.Claims.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (claimed is null)
                throw new CannotMeasureException($"{builder.Name} found no task where there are many");
            id.TypedValue = claimed.Lease.TaskId;
            started = Stopwatch.GetTimestamp();
            if (ending == Ending.Bare)
                await end.ExecuteNonQueryAsync();
            else
                await registry.FinishTaskAsync(claimed.Lease, Success, default);
            times.Ends.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return times;
    }

    /// <summary>How long each claim and each end took, in milliseconds.</summary>
    internal sealed record Times(List<double> Claims, List<double> Ends);

    /// <summary>A builder, and the connection on which the benchmark ends its tasks.</summary>
    private sealed record Member(string Name, NpgsqlConnection Connection, Func<Task<ClaimedTask?>> ClaimAsync)
        : IAsyncDisposable
    {
        public RemoteFarm? Farm { get; init; }

        public async ValueTask DisposeAsync()
        {
            await Connection.DisposeAsync();
            if (Farm is not null)
                await Farm.DisposeAsync();
        }
    }
}
