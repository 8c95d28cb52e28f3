using System.Diagnostics;
using PkgForge.Bench.Measuring;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Processes;

namespace PkgForge.Bench.Farms;

/// <summary>
/// <c>sbuild</c> as a person calls it, in its mode "unshare", at its best: the root is unpacked in memory, package lists are in the archive and are not fetched
/// again, nothing is checked afterwards.
/// </summary>
internal sealed class PlainSbuild
{
    private readonly string home;
    private readonly string tarball;

    private PlainSbuild(string home, string tarball) => (this.home, this.tarball) = (home, tarball);

    /// <summary>Makes the archive of the root, if it was not kept, with what the farm's own has.</summary>
    public static async Task<PlainSbuild> OpenAsync(Place place)
    {
        if (!HostTools.Has("sbuild"))
            throw new CannotMeasureException("sbuild is not installed");
        var archive = $"{place.Kept}/sbuild.tar";
        var directory = $"{place.Scratch}/sbuild";
        Directory.CreateDirectory(directory);
        if (!File.Exists(archive))
            await MakeAsync(archive, directory);
        return new(directory, archive);
    }

    /// <summary>From the start of the process to its end.</summary>
    public async Task<double> SecondsAsync(string source)
    {
        var products = Directory.CreateDirectory($"{home}/products").FullName;
        var unpacked = $"/dev/shm/pkgforge-bench-{Environment.ProcessId}";
        await File.WriteAllTextAsync(
            $"{home}/.sbuildrc",
            $"$unshare_tmpdir_template = '{unpacked}-XXXXXXXXXX';\n$build_dir = '{products}';\n1;\n"
        );
        var sbuild = new Command(
            "sbuild",
            "--chroot-mode=unshare",
            $"--chroot={tarball}",
            "--dist=bookworm",
            "--nolog",
            "--no-source",
            "--no-run-lintian",
            "--no-apt-update",
            "--no-apt-upgrade",
            "--no-apt-distupgrade",
            $"--jobs={Environment.ProcessorCount}",
            "--",
            source
        )
        {
            Environment = new Dictionary<string, string> { ["HOME"] = home },
        };
        var output = new CapturedOutput();
        var started = Stopwatch.GetTimestamp();
        var result = await Tool.RunAsync(sbuild, output);
        var time = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var left in Directory.EnumerateDirectories("/dev/shm", $"{Path.GetFileName(unpacked)}-*"))
            await ForeignFiles.RemoveAsync(left, CancellationToken.None);
        Directory.Delete(products, recursive: true);
        return result.Succeeded ? time : throw new CannotMeasureException($"sbuild of hello: {output.Tail(20)}");
    }

    private static Task<string> MakeAsync(string tarball, string home) =>
        Tool.RequireAsync(
            new(
                "mmdebstrap",
                "--mode=unshare",
                "--variant=buildd",
                "--include=fakeroot",
                "--skip=cleanup/apt/lists",
                "--aptopt=Acquire::Languages \"none\"",
                "--",
                "bookworm",
                tarball,
                "http://deb.debian.org/debian"
            )
            {
                Environment = new Dictionary<string, string> { ["HOME"] = home, ["TMPDIR"] = home },
            },
            CancellationToken.None
        );
}
