using System.Diagnostics;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>The build of hello without any farm, in a root of the same layers.</summary>
internal static class BareHello
{
    /// <summary>The time of the two commands alone: the root is there, and the source in it.</summary>
    public static async Task<double> SecondsAsync(string top, IReadOnlyList<string> layers, string source)
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
