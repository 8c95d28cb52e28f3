using System.Diagnostics;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Rows;

/// <summary>A build that prints without end, and a limit of 512 MiB for its log.</summary>
/// <param name="name">Of the row.</param>
/// <param name="what">What is measured.</param>
/// <param name="bar">What it must reach.</param>
internal abstract class LogLimit(string name, string what, Bar bar) : Row(name, what, bar)
{
    protected const long Limit = 512L << 20;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await RootFarm.OpenAsync(place, "limits: { log: 512M }");
        var source = await MadeSource.LoudAsync(place);
        // Its base layer is there then.
        await farm.BuildAsync(await MadeSource.WithNothingAsync(place), "plain");
        return await MeasureAsync(place, farm, source);
    }

    protected abstract Task<Figures> MeasureAsync(Place place, RootFarm farm, string source);

    /// <summary>Builds it once; returns how many seconds the log has grown, and its size in bytes.</summary>
    protected static async Task<(double Seconds, long Bytes)> RunAsync(RootFarm farm, string source)
    {
        var id = await farm.SubmitAsync(source, "plain", "--scratch");
        var building = farm.BuildAsync();
        var seconds = await farm.WatchAsync(id, building);
        await building;
        using var log = farm.OpenLog(id);
        return (seconds, log.Length);
    }
}

/// <summary>How exactly it is stopped.</summary>
internal sealed class LogLimitBytes()
    : LogLimit(
        "log-limit",
        "how much larger the log of a build that prints without end is than its limit of 512 MiB, when the build is dead",
        new Bar.Most(1_048_576, "bytes")
    )
{
    protected override async Task<Figures> MeasureAsync(Place place, RootFarm farm, string source)
    {
        var over = new List<double>();
        for (var i = 0; i < place.Pairs(3); i++)
            over.Add((await RunAsync(farm, source)).Bytes - Limit);
        return new(over.Max(), "bytes", over.Count);
    }
}

/// <summary>How fast it is taken.</summary>
internal sealed class LogRate()
    : LogLimit(
        "log-rate",
        "how fast the output of such a build is taken into its log, beside `cat` of as much to a file (the bar is 100 MB/s)",
        new Bar.Least(100, "MB/s")
    )
{
    protected override Task<Figures> MeasureAsync(Place place, RootFarm farm, string source) =>
        Paired.MeasureAsync(
            place.Pairs(3),
            "MB/s",
            async () =>
            {
                var (seconds, bytes) = await RunAsync(farm, source);
                return bytes / 1e6 / seconds;
            },
            () => CatAsync($"{place.Scratch}/cat"),
            warmUps: 0
        );

    private static async Task<double> CatAsync(string file)
    {
        var started = Stopwatch.GetTimestamp();
        // "$1" is the file: what a shell adds is the redirection.
        await Tool.RequireAsync(
            new(
                "sh",
                "-c",
                "yes 'a line of output as a compiler would print it' | head -c 536870912 | cat > \"$1\"",
                "cat",
                file
            ),
            CancellationToken.None
        );
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        File.Delete(file);
        return Limit / 1e6 / seconds;
    }
}

/// <summary>What it takes in memory.</summary>
internal sealed class LogMemory()
    : LogLimit(
        "log-limit-rss",
        "the most memory that `pkgforge buildd` or any tool of such a build has, while it prints 512 MiB",
        new Bar.Most(64, "MB")
    )
{
    protected override async Task<Figures> MeasureAsync(Place place, RootFarm farm, string source)
    {
        await RunAsync(farm, source);
        var peaks = new List<double>();
        for (var i = 0; i < place.Pairs(3); i++)
        {
            await farm.SubmitAsync(source, "plain", "--scratch");
            peaks.Add(await Memory.PeakAsync(Place.Executable, farm.BuildWords));
        }
        return new(Paired.Median(peaks), "MB", peaks.Count);
    }
}
