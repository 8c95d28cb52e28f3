using System.Globalization;
using PkgForge.Bench.Measuring;
using PkgForge.Native;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>Where a run of the benchmarks works: what is kept for the next run, and what goes at its end.</summary>
internal sealed class Place : IAsyncDisposable
{
    public const string ExecutableVariable = "PKGFORGE_EXECUTABLE";
    private const string RunPrefix = "run-";

    private readonly int? pairs;
    private readonly Lazy<Task<RootFarm>> debian;
    private readonly Lazy<Task<RegistryServer>> registries = new(RegistryServer.StartAsync);

    private Place(string kept, int? pairs)
    {
        (Kept, this.pairs) = (kept, pairs);
        Scratch = $"{kept}/{RunPrefix}{System.Environment.ProcessId}";
        Directory.CreateDirectory(Scratch);
        debian = new(() => RootFarm.OpenAsync(this));
    }

    /// <summary>The native executable that is measured.</summary>
    public static string Executable =>
        System.Environment.GetEnvironmentVariable(ExecutableVariable)
        ?? throw new InvalidOperationException($"{ExecutableVariable} is not set: run ./dev bench");

    /// <summary>Sources and layers, kept for the next run; can be removed at any time.</summary>
    public string Kept { get; }

    /// <summary>Gone at the end.</summary>
    public string Scratch { get; }

    /// <summary>A farm with a Debian platform, its layers warm; made when the first row asks for it.</summary>
    public Task<RootFarm> DebianAsync() => debian.Value;

    /// <summary>A PostgreSQL server with registries that have a past; started when the first row asks for it.</summary>
    public Task<RegistryServer> RegistryServerAsync() => registries.Value;

    /// <summary>How many pairs or samples: what the row asks for, or the command line.</summary>
    public int Pairs(int wanted) => pairs ?? wanted;

    /// <summary>Runs a script that lies beside this program.</summary>
    public static Task<string> ScriptAsync(string name, params IReadOnlyList<string> arguments) =>
        Tool.RequireAsync(
            new("bash", [Script(name), .. arguments])
            {
                Environment = new Dictionary<string, string> { ["HOME"] = "/tmp" },
            },
            CancellationToken.None
        );

    /// <summary>The path of a script that lies beside this program.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, name);

    public static async Task<Place> OpenAsync(int? pairs)
    {
        var cache =
            System.Environment.GetEnvironmentVariable("PKGFORGE_TEST_CACHE")
            ?? $"/var/tmp/pkgforge-tests-{Accounts.EffectiveUser}";
        var kept = $"{cache}/bench";
        Directory.CreateDirectory(kept);
        // Others must be able to reach the layers: inside a root nobody is their owner.
        foreach (var path in new[] { cache, kept })
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        foreach (var stale in Directory.EnumerateDirectories(kept, $"{RunPrefix}*").Where(IsDead))
            await ForeignFiles.RemoveAsync(stale, CancellationToken.None);
        return new(kept, pairs);
    }

    public async ValueTask DisposeAsync()
    {
        if (registries.IsValueCreated && registries.Value.IsCompletedSuccessfully)
            await (await registries.Value).DisposeAsync();
        await ForeignFiles.RemoveAsync(Scratch, CancellationToken.None);
    }

    private static bool IsDead(string run) =>
        int.TryParse(
            Path.GetFileName(run)[RunPrefix.Length..],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var pid
        ) && !Directory.Exists($"/proc/{pid}");
}
