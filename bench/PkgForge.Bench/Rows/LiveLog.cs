using System.Diagnostics;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// How late a line is that a build prints in its root, at 20 clients who follow its log over HTTP, while it prints 1,000 lines a second; beside 20
/// <c>tail -f</c> of a file that <c>cat</c> writes from a pipe, into which the same program prints.
/// </summary>
internal sealed class LiveLog(Reach reach, double atMost)
    : Row(
        reach == Reach.Direct ? "live-log-p95" : "live-log-remote-p95",
        $"a line that a build{(reach == Reach.Remote ? " of a builder that has a server only" : "")} prints, until 20 HTTP clients have it, p95, at 1,000 lines a second, against a pipe and 20 `tail -f`",
        new Bar.Ratio(atMost)
    )
{
    private const int Watchers = 20;
    private const int Lines = 8000;
    private const double Percentile = 0.95;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var source = await MadeSource.TickingAsync(place, Lines);
        await using var farm = await LiveFarm.OpenAsync(place, Name, reach);
        var (ours, peer) = (new List<double>(), new List<double>());
        var figures = await Paired.MeasureAsync(
            place.Pairs(5),
            "ms",
            async () => Percentiles(await OursAsync(farm, source), ours),
            async () => Percentiles(await PeerAsync(place), peer),
            warmUps: 1
        );
        return figures with { Note = $"p50 {Paired.Median(ours):0.00}/{Paired.Median(peer):0.00} ms" };
    }

    private static double Percentiles(IReadOnlyCollection<double> late, List<double> medians)
    {
        medians.Add(Paired.Median(late));
        return Paired.Quantile(late, Percentile);
    }

    private static async Task<IReadOnlyCollection<double>> OursAsync(LiveFarm farm, string source)
    {
        var log = await farm.BuildAsync(source);
        var late = await TimedLines.ReadAsync([.. Enumerable.Range(0, Watchers).Select(_ => farm.Follow(log))]);
        await farm.EndAsync();
        return late;
    }

    private static async Task<IReadOnlyCollection<double>> PeerAsync(Place place)
    {
        var file = $"{place.Scratch}/ticking";
        await File.WriteAllTextAsync(file, "");
        using var printing = Start("sh", "-c", "(eval \"$1\") | cat > \"$2\"", "sh", MadeSource.Ticking(Lines), file);
        var tails = Enumerable.Range(0, Watchers).Select(_ => Start("tail", "-f", "-n", "+1", file)).ToList();
        var reading = TimedLines.ReadAsync([.. tails.Select(tail => tail.StandardOutput.BaseStream)]);
        await printing.WaitForExitAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        foreach (var tail in tails)
        {
            tail.Kill();
            await tail.WaitForExitAsync();
        }
        var late = await reading;
        tails.ForEach(tail => tail.Dispose());
        File.Delete(file);
        return late;
    }

    private static Process Start(string program, params IEnumerable<string> words) =>
        Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true })!;
}
