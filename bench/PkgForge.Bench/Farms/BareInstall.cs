using System.Diagnostics;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>The floor under a dependency layer: apt-get alone, in a root of the base layer that is there, with the package lists that the farm has, too. The root is what a layer is made in: on the disk of the farm's work
/// directory, where nothing waits until it is written.</summary>
internal static class BareInstall
{
    /// <summary>Seconds that <c>apt-get update</c> and <c>apt-get build-dep</c> take.</summary>
    public static async Task<double> RunAsync(string directory, IReadOnlyList<string> layers, string source)
    {
        var disk = $"{directory}/disk";
        Directory.CreateDirectory(disk);
        File.SetUnixFileMode(disk, (UnixFileMode)0b111_111_111);
        await using var root = await RootSession.OpenAsync(
            new($"{directory}/root", layers, new BuildLimits().Root) { Disk = disk }
        );
        if (!root.IsOnDisk)
            throw new CannotMeasureException($"the file system of {disk} takes no tops");
        await root.RequireOnHostAsync(
            new("cp", "-L", "--", "/etc/resolv.conf", $"{root.Path}/etc/resolv.conf"),
            default
        );
        await root.RequireOnHostAsync(new("mkdir", "-p", "--", root.Path + Step.BuildHome), default);
        await root.RequireOnHostAsync(new("cp", "--", source, root.Path + Step.BuildHome), default);
        var started = Stopwatch.GetTimestamp();
        await AptAsync(root, "update");
        await AptAsync(root, "build-dep", $"{Step.BuildHome}/{Path.GetFileName(source)}");
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task AptAsync(RootSession root, params string[] words)
    {
        string[] options = ["-q", "-y", "-o", "APT::Sandbox::User=root", "-o", "APT::Install-Recommends=false"];
        var step = new Step(["apt-get", .. options, .. words])
        {
            User = 0,
            Network = true,
            Variables = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" },
        };
        var output = new CapturedOutput();
        if (!(await root.RunAsync(step, output, null, default)).Succeeded)
            throw new CannotMeasureException($"apt-get {words[0]}: {output.Tail()}");
    }
}
