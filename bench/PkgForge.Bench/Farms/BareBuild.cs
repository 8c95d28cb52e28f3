using System.Diagnostics;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>The floor under a build: the distribution's own tools alone, in a root of the same layers that is there, with the source in it.</summary>
internal static class BareBuild
{
    /// <summary>Seconds that dpkg-source and dpkg-buildpackage take.</summary>
    public static Task<double> DebianAsync(string top, IReadOnlyList<string> layers, string source)
    {
        var name = Path.GetFileName(source).Split('_')[0];
        var files = Directory.EnumerateFiles(Path.GetDirectoryName(source)!, $"{name}_*");
        return RunAsync(
            top,
            layers,
            files,
            (Step.BuildHome, ["dpkg-source", "--no-check", "-x", Path.GetFileName(source), "source"]),
            ($"{Step.BuildHome}/source", ["dpkg-buildpackage", "-us", "-uc", "-b"])
        );
    }

    /// <summary>Seconds that rpmbuild takes.</summary>
    public static Task<double> RpmAsync(string top, IReadOnlyList<string> layers, string source) =>
        RunAsync(
            top,
            layers,
            [source],
            (
                Step.BuildHome,
                ["rpmbuild", "--rebuild", "--define", $"_topdir {Step.BuildHome}/rpm", Path.GetFileName(source)]
            )
        );

    private static async Task<double> RunAsync(
        string top,
        IReadOnlyList<string> layers,
        IEnumerable<string> files,
        params (string Directory, string[] Command)[] steps
    )
    {
        var limits = new BuildLimits();
        await using var root = await RootSession.OpenAsync(new(top, layers, limits.Root));
        var home = root.Path + Step.BuildHome;
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", home), default);
        await root.RequireOnHostAsync(new("cp", ["--", .. files, home]), default);
        await root.RequireOnHostAsync(new("chown", "-R", $"{Step.BuildUser}:{Step.BuildUser}", "--", home), default);
        var started = Stopwatch.GetTimestamp();
        foreach (var (directory, command) in steps)
            await StepAsync(root, limits, directory, command);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task StepAsync(RootSession root, BuildLimits limits, string directory, string[] command)
    {
        var step = new Step(command)
        {
            Directory = directory,
            Limits = ["--core=0", $"--nproc={limits.Processes}"],
            Variables = new Dictionary<string, string> { ["DEB_BUILD_OPTIONS"] = $"parallel={limits.Parallel}" },
        };
        var output = new CapturedOutput();
        if (!(await root.RunAsync(step, output, null, default)).Succeeded)
            throw new CannotMeasureException($"the bare build by {command[0]}: {output.Tail()}");
    }
}
