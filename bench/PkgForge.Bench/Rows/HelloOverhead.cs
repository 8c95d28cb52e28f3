using System.Diagnostics;
using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Rows;

/// <summary>What the farm adds to a build: everything from the start of a builder to a published package.</summary>
internal sealed class HelloOverhead()
    : Row(
        "hello-overhead",
        "one-shot `buildd` of an accepted hello, from its start to its end, against bare dpkg-source and dpkg-buildpackage in the same root",
        new Bar.Ratio(1.1)
    )
{
    private readonly List<double> around = [];

    public override async Task<Figures> MeasureAsync(Place place)
    {
        var farm = await place.DebianAsync();
        var source = await Hello.SourceAsync(place);
        var layers = farm.Layers(await farm.BuildAsync(source, "plain"));
        var figures = await Paired.MeasureAsync(
            place.Pairs(3),
            "s",
            () => OursAsync(farm, source),
            () => BareAsync($"{place.Scratch}/root", layers, source),
            warmUps: 0
        );
        return figures with { Note = $"submit and incoming before it: {Paired.Median(around):0.00} s" };
    }

    private async Task<double> OursAsync(DebianFarm farm, string source)
    {
        var started = Stopwatch.GetTimestamp();
        var id = await farm.SubmitAsync(source, "plain");
        around.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        started = Stopwatch.GetTimestamp();
        await farm.BuildAsync();
        var time = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await farm.ResultAsync(id);
        return time;
    }

    /// <summary>The time of the two commands alone: the root is there, and the source in it.</summary>
    private static async Task<double> BareAsync(string top, IReadOnlyList<string> layers, string source)
    {
        var limits = new BuildLimits();
        await using var root = await RootSession.OpenAsync(top, layers, limits.Root);
        var home = root.Path + Step.BuildHome;
        var files = Directory.EnumerateFiles(Path.GetDirectoryName(source)!, "hello_*");
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", home), default);
        await root.RequireOnHostAsync(new("cp", ["--", .. files, home]), default);
        await root.RequireOnHostAsync(new("chown", "-R", $"{Step.BuildUser}:{Step.BuildUser}", "--", home), default);
        var started = Stopwatch.GetTimestamp();
        await StepAsync(
            root,
            limits,
            Step.BuildHome,
            "dpkg-source",
            "--no-check",
            "-x",
            Path.GetFileName(source),
            "source"
        );
        await StepAsync(root, limits, $"{Step.BuildHome}/source", "dpkg-buildpackage", "-us", "-uc", "-b");
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task StepAsync(RootSession root, BuildLimits limits, string directory, params string[] command)
    {
        var step = new Step(command)
        {
            Directory = directory,
            Limits = ["--core=0", $"--nproc={limits.Processes}"],
            Variables = new Dictionary<string, string> { ["DEB_BUILD_OPTIONS"] = $"parallel={limits.Parallel}" },
        };
        var output = new CapturedOutput();
        if (!(await root.RunAsync(step, output, null, default)).Succeeded)
            throw new CannotMeasureException($"the bare build of hello: {output.Tail()}");
    }
}
