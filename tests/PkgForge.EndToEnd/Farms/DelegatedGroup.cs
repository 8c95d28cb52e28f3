using AwesomeAssertions;
using PkgForge.Server.Builds.Roots;

namespace PkgForge.EndToEnd.Farms;

/// <summary>
/// A control group that is delegated to the farm's user, as a unit of systemd or an administrator does it: below the
/// group of these tests (version 1), or below the root (version 2). It must be empty when it is disposed.
/// </summary>
internal sealed class DelegatedGroup : IAsyncDisposable
{
    private const string Join =
        """while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs"; shift; done; shift; exec "$@" """;
    private const string UnifiedRoot = "/sys/fs/cgroup";

    // What the kernel's documentation gives to the user; the limits of the group itself stay root's.
    private static readonly string[] Given =
    [
        "",
        "/cgroup.procs",
        "/cgroup.subtree_control",
        "/cgroup.threads",
        "/tasks",
    ];

    private static int made;

    private DelegatedGroup(IReadOnlyList<string> directories) => Directories = directories;

    /// <summary>For each controller, or all: the group.</summary>
    public IReadOnlyList<string> Directories { get; }

    /// <summary>Makes one, or skips the test.</summary>
    public static async Task<DelegatedGroup> MakeAsync()
    {
        Executable.RequireRoot("only root can delegate a control group");
        var name = $"pkgforge-tests-{Environment.ProcessId}-{Interlocked.Increment(ref made)}";
        var places = Places().ToList();
        Executable.Require(places.Count > 0, "this machine has no control groups that limit memory and processes");
        var group = new DelegatedGroup([.. places.Select(place => $"{place}/{name}")]);
        foreach (var directory in group.Directories)
        {
            Directory.CreateDirectory(directory);
            await TestFarm.AsTestsAsync([
                "chown",
                $"{Executable.User.Uid}:{Executable.User.Gid}",
                "--",
                .. Given.Select(file => directory + file).Where(Path.Exists),
            ]);
        }
        return group;
    }

    /// <summary>Starts a command of pkgforge in the group.</summary>
    public FarmProcess Start(TestFarm farm, params string[] words)
    {
        var inside = Executable.Start([.. words, "-c", farm.Configuration]);
        var start = Executable.Clean([
            "sh",
            "-c",
            Join,
            "join",
            .. Directories,
            "--",
            inside.FileName,
            .. inside.ArgumentList,
        ]);
        return farm.Run(FarmProcess.Start(start));
    }

    /// <summary>The groups that builders have made.</summary>
    public IReadOnlyList<string> OfBuilds() =>
        [.. Directories.SelectMany(directory => Directory.GetDirectories(directory, "pkgforge@*"))];

    /// <summary>Waits until a build has a group, and gives the directory of it that has the file.</summary>
    public async Task<string> OfBuildWithAsync(string file)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (OfBuilds().FirstOrDefault(directory => File.Exists($"{directory}/{file}")) is { } found)
                return found;
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromMinutes(1));
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var left = OfBuilds();
        foreach (var directory in Directories)
        {
            foreach (var inside in Directory.GetDirectories(directory))
                Directory.Delete(inside);
            Directory.Delete(directory);
        }
        left.Should().BeEmpty("a session's group goes with the session");
        await ValueTask.CompletedTask;
    }

    private static IEnumerable<string> Places()
    {
        var own = OwnGroup.Read();
        if (own.Of("memory") is { } memory && own.Of("pids") is { } pids)
            return new[] { memory, pids, own.Of("cpu") }.OfType<string>().Distinct();
        var given = File.Exists($"{UnifiedRoot}/cgroup.subtree_control")
            ? File.ReadAllText($"{UnifiedRoot}/cgroup.subtree_control").Split(' ', '\n')
            : [];
        return given.Contains("memory") && given.Contains("pids") ? [UnifiedRoot] : [];
    }
}
