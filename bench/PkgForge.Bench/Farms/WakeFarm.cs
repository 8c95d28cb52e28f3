using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PkgForge.Bench.Measuring;
using PkgForge.Jobs;
using PkgForge.Registry;
using PkgForge.Spool;
using PkgForge.Tests.Shared;

namespace PkgForge.Bench.Farms;

/// <summary>How a builder reaches its farm.</summary>
internal enum Reach
{
    /// <summary>It stands beside the registry and the spool.</summary>
    Direct,

    /// <summary>It speaks to a server, over HTTP alone.</summary>
    Remote,
}

/// <summary>
/// An idle farm on PostgreSQL with one builder, a process, that waits; and how soon it starts what is registered. Times begin when the server
/// commits, by its own note, and end by the same machine's clock.
/// </summary>
internal sealed partial class WakeFarm : IAsyncDisposable
{
    private const string Script = "name clock 1.0\nclock\n";
    private const string ScriptName = "clock_1.0.dummy";
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly PostgresCluster server;
    private readonly SpoolDirectories spool;
    private readonly IRegistry registry;
    private readonly CommitTimes commits;
    private readonly Stack<IAsyncDisposable> daemons = [];

    private WakeFarm(PostgresCluster server, ScratchFarm farm, CommitTimes commits)
    {
        (this.server, this.commits) = (server, commits);
        registry = Registries.Open(new() { Connection = IdleFarm.Registry(server, "registering") });
        spool = SpoolDirectories.Under($"{farm.Directory}/spool");
    }

    /// <summary>Npgsql's keywords for the registry's database.</summary>
    public string ConnectionString => IdleFarm.ConnectionString(server);

    /// <summary>A farm whose builder has claimed, found nothing, and waits.</summary>
    public static async Task<WakeFarm> OpenAsync(Place place, string name, Reach reach)
    {
        var postgres = await IdleFarm.StartServerAsync(["track_commit_timestamp=on"]);
        var farm = new ScratchFarm($"{place.Scratch}/{name}", $"{place.Scratch}/{name}/work");
        await IdleFarm.InitialiseAsync(farm, IdleFarm.Registry(postgres, "bench"), builders: 1);
        var times = await CommitTimes.OpenAsync(IdleFarm.ConnectionString(postgres));
        var wake = new WakeFarm(postgres, farm, times);
        if (reach == Reach.Direct)
            wake.daemons.Push(await farm.StartAsync("farm", "buildd", "--name", "b1"));
        else
            await wake.StartRemoteAsync(farm);
        return wake;
    }

    /// <summary>The builder's machine has a work directory, and nothing else that is the farm's.</summary>
    private async Task StartRemoteAsync(ScratchFarm farm)
    {
        var forge = await ForgeServer.StartAsync(farm);
        daemons.Push(forge);
        var code = await ForgeServer.CodeAsync(registry, "b1");
        await File.WriteAllTextAsync($"{farm.Directory}/machine.yml", $"work: {farm.Directory}/machine\n");
        daemons.Push(
            await farm.StartAsync("machine", "buildd", "--server", forge.Address.AbsoluteUri, "--enrol", code)
        );
    }

    /// <summary>Registers a job whose build prints the time. Returns the milliseconds from the commit to that.</summary>
    public async Task<double> RegisterAsync(string id)
    {
        var job = Accept(id);
        await Task.Delay(Rest);
        await registry.RegisterJobAsync(job, default);
        var first = await FirstInstructionAsync(job);
        return first - await commits.MillisecondsAsync(id);
    }

    /// <summary>When the transaction was committed that inserted a job.</summary>
    public Task<double> CommittedAsync(string id) => commits.MillisecondsAsync(id);

    /// <summary>Milliseconds since 1970.</summary>
    public static double Now => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    public async ValueTask DisposeAsync()
    {
        while (daemons.TryPop(out var daemon))
            await daemon.DisposeAsync();
        await registry.DisposeAsync();
        await commits.DisposeAsync();
        await server.DisposeAsync();
    }

    /// <summary>Puts a job's directory into the accepted area, as Incoming does.</summary>
    private NewJob Accept(string id)
    {
        var script = Encoding.UTF8.GetBytes(Script);
        var job = new Job
        {
            Id = JobId.Parse(id),
            Submitter = "bench",
            Time = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()),
            Bucket = "main",
            Scratch = true,
            Sources = [ScriptName],
            Files = [new(ScriptName, script.Length, Convert.ToHexStringLower(SHA256.HashData(script)))],
        };
        var manifest = Manifest.Write(job);
        var directory = spool.Accepted.PathOf(job.Id);
        Directory.CreateDirectory(directory);
        File.WriteAllBytes($"{directory}/{ScriptName}", script);
        File.WriteAllBytes($"{directory}/{Manifest.FileName}", manifest);
        return new(job, Convert.ToHexStringLower(SHA256.HashData(manifest)), [IdleFarm.Platform]);
    }

    /// <summary>Waits until the job has ended, and reads its log.</summary>
    private async Task<double> FirstInstructionAsync(NewJob job)
    {
        var deadline = TimeProvider.System.GetUtcNow() + Patience;
        do
        {
            if (TimeProvider.System.GetUtcNow() > deadline)
                throw new CannotMeasureException($"{job.Job.Id} has not ended in {Patience.TotalSeconds:0} s");
            await Task.Delay(Rest);
        } while ((await registry.FindJobAsync(job.Job.Id, default))!.Job.Ended is null);
        var log = await File.ReadAllTextAsync($"{spool.Results.PathOf(job.Job.Id, IdleFarm.Platform, 1)}/log");
        return Clock().Match(log) is { Success: true } clock
            ? double.Parse(clock.Value, CultureInfo.InvariantCulture) / 1000
            : throw new CannotMeasureException($"{job.Job.Id} has not printed the time: {log}");
    }

    // Microseconds since 1970.
    [GeneratedRegex(@"\b\d{16}\b")]
    private static partial Regex Clock();
}
