namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// The control groups that a process is in, as directories: what <c>/proc/PID/cgroup</c> and <c>/proc/PID/mountinfo</c>
/// say together.
/// </summary>
internal sealed class OwnGroup
{
    private readonly Dictionary<string, string> directories = new(StringComparer.Ordinal);

    private OwnGroup(string membership, string mounts)
    {
        var mounted = mounts.Split('\n').Select(Mount.Parse).OfType<Mount>().ToList();
        foreach (var line in membership.Split('\n'))
        {
            // HIERARCHY:CONTROLLERS:PATH; without controllers it is the unified hierarchy.
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            foreach (var controller in controllers.Split(','))
            {
                if (
                    mounted.Select(mount => mount.Find(controller, path)).FirstOrDefault(d => d is not null) is
                    { } place
                )
                    directories[controller] = place;
            }
        }
    }

    /// <summary>The group in the unified hierarchy; null when it is not mounted, or the group not visible.</summary>
    public string? Unified => Of("");

    /// <summary>The group in the version 1 hierarchy of a controller; null when there is none.</summary>
    public string? Of(string controller) => directories.GetValueOrDefault(controller);

    /// <summary>The groups of this process.</summary>
    public static OwnGroup Read() =>
        Parse(File.ReadAllText("/proc/self/cgroup"), File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Reads the two files' text.</summary>
    public static OwnGroup Parse(string membership, string mounts) => new(membership, mounts);

    /// <summary>A mounted hierarchy.</summary>
    private sealed record Mount(string Root, string Point, string Type, string[] Options)
    {
        // 36 35 98:0 ROOT POINT options optional... - TYPE source SUPER-OPTIONS (proc_pid_mountinfo(5))
        public static Mount? Parse(string line)
        {
            if (line.Split(" - ", 2) is not [var before, var after])
                return null;
            var (left, right) = (before.Split(' '), after.Split(' '));
            return left.Length >= 5 && right is ["cgroup" or "cgroup2", _, var options, ..]
                ? new(left[3], left[4], right[0], options.Split(','))
                : null;
        }

        public string? Find(string controller, string path)
        {
            var isThis = controller.Length == 0 ? Type == "cgroup2" : Type == "cgroup" && Options.Contains(controller);
            var root = Root.TrimEnd('/');
            var isBelow = path == Root || path.StartsWith($"{root}/", StringComparison.Ordinal);
            // "/.." begins the path of a group that a container is not shown.
            return isThis && isBelow && !path.StartsWith("/..", StringComparison.Ordinal)
                ? (Point + path[root.Length..]).TrimEnd('/')
                : null;
        }
    }
}
