using PkgForge.Server.Processes;

namespace PkgForge.Server.Builds.Roots;

/// <summary>
/// The control group of one root session: a directory, or one for each controller (version 1). What joins it, and all
/// that comes of that, is counted and limited together. The backends make it and set its limits; what is read of it
/// has other names in each version.
/// </summary>
/// <param name="directories">Its directories.</param>
public sealed class ControlGroup(IReadOnlyList<string> directories)
{
    /// <summary>What it may take until the last process of a session that was killed is gone.</summary>
    private static readonly TimeSpan DyingTakes = TimeSpan.FromSeconds(5);

    // The shell puts itself into the groups ("0") before it becomes the command: nothing of it ever runs outside.
    private const string JoinScript = """
        while [ "$1" != -- ]; do
            echo 0 > "$1/cgroup.procs" || exit 125
            shift
        done
        shift
        exec "$@"
        """;

    /// <summary>Its directories.</summary>
    public IReadOnlyList<string> Directories => directories;

    /// <summary>How many of its processes the kernel has killed because memory had run out: its own, or the machine's.</summary>
    public long KilledForMemory =>
        directories.Max(d =>
            Math.Max(
                GroupFile.Count($"{d}/memory.events", "oom_kill"),
                GroupFile.Count($"{d}/memory.oom_control", "oom_kill")
            )
        );

    /// <summary>Bytes of its memory that are files in a tmpfs: what was written in the root.</summary>
    public long Written => directories.Max(d => GroupFile.Count($"{d}/memory.stat", "shmem"));

    /// <summary>The same command, run in the group.</summary>
    public Command Join(Command command) => command.Under("sh", ["-c", JoinScript, "join", .. directories, "--"]);

    /// <summary>Kills everything in it, where the kernel can (version 2, Linux 5.14 or newer).</summary>
    public void Kill()
    {
        try
        {
            foreach (var directory in directories)
                GroupFile.WriteIfThere($"{directory}/cgroup.kill", "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has been removed meanwhile; or there is more than one way to end a session, and the others remain.
        }
    }

    /// <summary>Removes it, once the last process is gone. What does not go stays for the builder's next start.</summary>
    public async Task RemoveAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!directories.All(IsRemoved) && TimeProvider.System.GetElapsedTime(started) < DyingTakes)
            await Task.Delay(20);
    }

    private static bool IsRemoved(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something in it is still dying.
            return false;
        }
    }
}
