using System.Globalization;
using AwesomeAssertions;
using PkgForge.Logs;
using PkgForge.Spool;
using PkgForge.Tests.Shared;

namespace PkgForge.EndToEnd.Farms;

/// <summary>How a farm differs from the usual one of these tests.</summary>
internal sealed record FarmSettings
{
    /// <summary>Null for SQLite in the farm's own directory.</summary>
    public string? Registry { get; init; }

    /// <summary>The work directory; null for the farm's own. Layers in a shared one need not be made again.</summary>
    public string? Work { get; init; }

    /// <summary>What the bucket <c>main</c> has lintian and rpmlint for: they take longer than most builds of these tests.</summary>
    public string Checks { get; init; } = "off";

    /// <summary>More of the configuration, as YAML.</summary>
    public string More { get; init; } = "";

    /// <summary>More of <c>platform_recipes</c>, as YAML.</summary>
    public string Recipes { get; init; } = "";
}

/// <summary>
/// A farm in a directory of its own, with a platform <c>dummy-all</c> in the default set and a builder <c>b1</c>. When it is
/// disposed, its daemons are stopped, and it fails the test if anything is left behind.
/// </summary>
internal sealed class TestFarm : IAsyncDisposable
{
    private const string Prefix = "pkgforge-farm-";

    private readonly FarmSettings settings;
    private readonly List<FarmProcess> processes = [];

    private TestFarm(string directory, FarmSettings settings) => (Directory, this.settings) = (directory, settings);

    public string Directory { get; }

    public string Spool => $"{Directory}/spool";

    public string Incoming => $"{Spool}/incoming";

    public string Work => settings.Work ?? $"{Directory}/work";

    public string Configuration => $"{Directory}/pkgforge.yml";

    /// <summary>The test has failed already, in the middle of something: what is left behind says nothing.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Makes a farm. Its processes are pkgforge's own commands.</summary>
    public static async Task<TestFarm> CreateAsync(FarmSettings? settings = null)
    {
        Executable.RequireUser();
        await RemoveStaleAsync();
        // Layers are on disk, and products are moved from beside them.
        var under = settings?.Work is null ? QuickDisk.Root : Path.GetTempPath();
        var directory = Path.Combine(under, $"{Prefix}{Environment.ProcessId}-{Path.GetRandomFileName()}");
        var farm = new TestFarm(directory, settings ?? new());
        try
        {
            await farm.InitialiseAsync();
            return farm;
        }
        catch
        {
            await farm.RemoveAsync();
            throw;
        }
    }

    /// <summary>Starts a command of pkgforge.</summary>
    public FarmProcess Start(params string[] words) => StartAt(null, words);

    /// <summary>Starts a command that dies, or does something else, at a fault point.</summary>
    public FarmProcess StartAt(string? faultPoint, params string[] words)
    {
        var start = Executable.Start([.. words, "-c", Configuration]);
        if (faultPoint is not null)
            start.Environment[FaultPoint.Variable] = faultPoint;
        return Run(FarmProcess.Start(start));
    }

    /// <summary>Counts a process, started in another way, as one of the farm's.</summary>
    public FarmProcess Run(FarmProcess process)
    {
        processes.Add(process);
        return process;
    }

    /// <summary>Runs a command to its end, however it ends.</summary>
    public Task<CommandResult> TryAsync(params string[] words) => Start(words).EndAsync();

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<string> DoAsync(params string[] words)
    {
        var result = await TryAsync(words);
        result.ExitCode.Should().Be(0, "of 'pkgforge {0}', which printed:\n{1}", string.Join(' ', words), result);
        return result.Output;
    }

    /// <summary>Writes a script for the dummy builder: the steps, after its name and version.</summary>
    public string Script(string name, params string[] steps)
    {
        var path = $"{Directory}/sources/{name}.dummy";
        File.WriteAllText(path, $"name {name} 1.0\n{string.Join('\n', steps)}\n");
        return path;
    }

    /// <summary>Submits a job to the bucket <c>main</c>.</summary>
    public Task SubmitAsync(string id, params string[] words) =>
        DoAsync(["submit", "-B", "main", "--id", id, .. words]);

    /// <summary>One pass of incoming, and one of the builder <c>b1</c>.</summary>
    public async Task WorkAsync()
    {
        await DoAsync("incoming");
        await DoAsync("buildd", "--name", "b1");
    }

    public async Task<JobStatus> StatusAsync(string id) => JobStatus.Parse(await DoAsync("status", "--json", id));

    /// <summary>Waits until the job's status is as expected.</summary>
    public async Task<JobStatus> UntilAsync(string id, Func<JobStatus, bool> expected, double seconds = 60)
    {
        var started = TimeProvider.System.GetTimestamp();
        var pace = new Pace();
        while (true)
        {
            var result = await TryAsync("status", "--json", id);
            var status = result.ExitCode == 0 ? JobStatus.Parse(result.Output) : null;
            if (status is not null && expected(status))
                return status;
            if (TimeProvider.System.GetElapsedTime(started).TotalSeconds > seconds)
                throw new TimeoutException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"after {seconds} s the job is still {status}\n{result}\n{Said()}"
                    )
                );
            await pace.RestAsync();
        }
    }

    public Task<JobStatus> FinalAsync(string id, double seconds = 60) => UntilAsync(id, job => job.IsFinal, seconds);

    /// <summary>Makes a file, with all that is in it, the farm user's own.</summary>
    public async Task GiveAsync(string path, string? owner = null)
    {
        if (!Executable.RunsAsRoot)
            return;
        await AsTestsAsync("chown", "-hR", owner ?? $"{Executable.User.Uid}:{Executable.User.Gid}", "--", path);
    }

    /// <summary>Runs any command as the user of these tests.</summary>
    public static async Task AsTestsAsync(params string[] command) =>
        (await FarmProcess.Start(Executable.Clean(command)).EndAsync())
            .ExitCode.Should()
            .Be(0, "of {0}", string.Join(' ', command));

    /// <summary>The log of an attempt, in either form.</summary>
    public string Log(string job, string platform = "dummy-all", long attempt = 1)
    {
        using var log = new StreamReader(
            new LogStream(LogFile.TryOpen($"{Spool}/results/{job}/{platform}/{attempt}/log")!)
        );
        return log.ReadToEnd();
    }

    /// <summary>Files below a directory of the farm, relative to it; not the lock that incoming keeps, nor notes of logs.</summary>
    public IEnumerable<string> Files(string below) =>
        System.IO.Directory.Exists($"{Directory}/{below}")
            ? System
                .IO.Directory.EnumerateFiles($"{Directory}/{below}", "*", SearchOption.AllDirectories)
                .Where(path =>
                    !path.EndsWith("/.incoming.lock", StringComparison.Ordinal)
                    && !path.Contains("/.logs/", StringComparison.Ordinal)
                )
                .Select(path => Path.GetRelativePath($"{Directory}/{below}", path))
                .Order(StringComparer.Ordinal)
            : [];

    public async ValueTask DisposeAsync()
    {
        var bad = await StopAllAsync();
        bad.AddRange(await Remains.RunningAsync(Directory));
        bad.AddRange(Remains.OnDisk(Spool, settings.Work is null ? $"{Work}/builders" : "/nonexistent"));
        var said = bad.Count == 0 ? "" : Said();
        await RemoveAsync();
        if (HasFailed)
            return;
        bad.Should().BeEmpty("the farm leaves nothing behind; its processes said:\n{0}", said);
    }

    /// <summary>What all processes of the farm have said until now.</summary>
    public string Said() => string.Join('\n', processes.Where(p => p.Error.Length > 0).Select(p => $"{p}:\n{p.Error}"));

    private async Task<List<string>> StopAllAsync()
    {
        var bad = new List<string>();
        foreach (var process in processes.Where(process => !process.HasEnded))
        {
            process.Send(Signal.Continue);
            process.Send(Signal.Terminate);
        }
        foreach (var process in processes.ToList())
        {
            try
            {
                await process.EndAsync(TimeSpan.FromSeconds(15));
            }
            catch (TimeoutException e)
            {
                bad.Add(e.Message);
            }
        }
        return bad;
    }

    private async Task InitialiseAsync()
    {
        System.IO.Directory.CreateDirectory($"{Directory}/sources");
        File.SetUnixFileMode(Directory, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(Configuration, Describe());
        await GiveAsync(Directory);
        await DoAsync("initserver");
        await DoAsync("platform", "add", "dummy", "all", "--format", "dummy", "--auto");
        await DoAsync("builder", "add", "b1", "dummy", "all");
    }

    /// <summary>Farms of test runs that were killed: the process id is part of the name.</summary>
    private static async Task RemoveStaleAsync()
    {
        string[] places = [Path.GetTempPath(), QuickDisk.Root];
        foreach (
            var stale in places.Distinct().SelectMany(place => System.IO.Directory.GetDirectories(place, $"{Prefix}*"))
        )
            if (!System.IO.Directory.Exists($"/proc/{Path.GetFileName(stale)[Prefix.Length..].Split('-')[0]}"))
                await new TestFarm(stale, new()).RemoveAsync();
    }

    /// <summary>Files in layers belong to subordinate ids, for which only their own root is not nobody.</summary>
    private async Task RemoveAsync()
    {
        string[] inNamespace = Executable.RunsAsRoot ? [] : ["unshare", "--map-auto", "--map-root-user", "--"];
        await FarmProcess.Start(Executable.Clean([.. inNamespace, "rm", "-rf", "--", Directory])).EndAsync();
        processes.ForEach(process => process.Dispose());
    }

    private string Describe() =>
        $"""
            spool: {Spool}
            registry: {settings.Registry ?? $"sqlite:{Directory}/registry.db"}
            repositories: {Directory}/buckets
            work: {Work}
            user: {Executable.User.Name}
            submitters: {Executable.User.Name}
            buckets:
              main: {"{"} lintian: {settings.Checks}, rpmlint: {settings.Checks} {"}"}
              other:
            {settings.More}
            platform_recipes:
              dummy-all: {"{ format: dummy }"}
              more-all: {"{ format: dummy }"}
            {settings.Recipes}
            """;
}
