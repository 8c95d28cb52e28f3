using PkgForge.Bench.Measuring;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>A farm of its own in a directory, driven by the executable.</summary>
/// <param name="directory">Where it lies; made if it is not there.</param>
/// <param name="work">Where its layers lie.</param>
internal sealed class ScratchFarm(string directory, string work)
{
    public string Directory => directory;

    /// <summary>The registry of a farm on one machine.</summary>
    public string Sqlite => $"sqlite:{directory}/registry.db";

    /// <summary>Writes a configuration, and makes directories and registry.</summary>
    /// <param name="registry">Where the registry is.</param>
    /// <param name="sections">The buckets and platforms, as YAML.</param>
    public async Task InitialiseAsync(string registry, string sections)
    {
        System.IO.Directory.CreateDirectory(directory);
        Configure("farm", registry, sections);
        await ForgeAsync("initserver");
    }

    /// <summary>Writes a further configuration, with another way to the same registry.</summary>
    public void Configure(string name, string registry, string sections)
    {
        // One account asks here for as much as a thousand people do.
        File.WriteAllText(
            $"{directory}/{name}.yml",
            $"""
            spool: {directory}/spool
            registry: "{registry}"
            repositories: {directory}/buckets
            work: {work}
            serve:
              requests_per_minute: 1000000
              changes_per_minute: 1000000
              open_connections: 10000
            {sections}
            """
        );
    }

    /// <summary>Runs a command of the farm, which must succeed.</summary>
    public async Task<string> ForgeAsync(params IReadOnlyList<string> words)
    {
        var (output, errors) = (new CapturedOutput(), new CapturedOutput());
        var result = await Tool.RunAsync(
            new(Place.Executable, ["-c", $"{directory}/farm.yml", .. words]),
            new SeparateOutput(output, errors)
        );
        return result.Succeeded
            ? output.Text
            : throw new CannotMeasureException($"pkgforge {string.Join(' ', words)}: {errors.Tail()}");
    }

    /// <summary>Starts a daemon with one of the configurations, and waits until it runs.</summary>
    public Task<Daemon> StartAsync(string configuration, params IReadOnlyList<string> words) =>
        Daemon.StartAsync([Place.Executable, "-c", $"{directory}/{configuration}.yml", .. words, "--daemon"]);
}
