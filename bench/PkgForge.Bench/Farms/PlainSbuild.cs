using System.Diagnostics;
using System.Globalization;
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
    private const string Distribution = "bookworm";

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

    /// <summary>Seconds from the start of the process to its end.</summary>
    public async Task<double> SecondsAsync(string source)
    {
        var started = Stopwatch.GetTimestamp();
        await RunAsync(
            new(
                "sbuild",
                "--chroot-mode=unshare",
                $"--chroot={tarball}",
                $"--dist={Distribution}",
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
        );
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Milliseconds that it takes to unpack its root, as it says itself (<c>inputs/sbuild-root</c>).</summary>
    public async Task<double> UnpackingAsync()
    {
        var output = await RunAsync(new("perl", Place.Script("inputs/sbuild-root"), tarball, Distribution));
        return double.Parse(output.Tail(1), CultureInfo.InvariantCulture);
    }

    /// <summary>Runs it, or a part of it, with its root in memory, and removes what it leaves.</summary>
    private async Task<CapturedOutput> RunAsync(Command command)
    {
        var products = Directory.CreateDirectory($"{home}/products").FullName;
        var unpacked = $"/dev/shm/pkgforge-bench-{Environment.ProcessId}";
        await File.WriteAllTextAsync(
            $"{home}/.sbuildrc",
            $"$unshare_tmpdir_template = '{unpacked}-XXXXXXXXXX';\n$build_dir = '{products}';\n1;\n"
        );
        var output = new CapturedOutput();
        var result = await Tool.RunAsync(
            command with
            {
                Environment = new Dictionary<string, string> { ["HOME"] = home },
            },
            output
        );
        foreach (var left in Directory.EnumerateDirectories("/dev/shm", $"{Path.GetFileName(unpacked)}-*"))
            await ForeignFiles.RemoveAsync(left, CancellationToken.None);
        Directory.Delete(products, recursive: true);
        return result.Succeeded ? output : throw new CannotMeasureException($"{command.Tool}: {output.Tail(20)}");
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
                Distribution,
                tarball,
                "http://deb.debian.org/debian"
            )
            {
                Environment = new Dictionary<string, string> { ["HOME"] = home, ["TMPDIR"] = home },
            },
            CancellationToken.None
        );
}
