using System.Diagnostics;

namespace PkgForge.Bench.Measuring;

/// <summary>
/// Runs short-lived programs with as little of our own as can be: the framework's own way of starting and reaping takes
/// longer than some of them do, and what it adds to both sides of a comparison makes the slower one look better.
/// </summary>
internal static class Child
{
    private static readonly string?[] Environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", null];

    /// <summary>Wall time from before the start to after the end, in milliseconds. Output is thrown away.</summary>
    /// <exception cref="CannotMeasureException">It cannot be started, or does not end with exit code 0.</exception>
    public static double Milliseconds(string program, params IReadOnlyList<string> arguments)
    {
        var actions = new byte[Libc.FileActionsSize];
        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawn_file_actions_addopen(actions, 1, "/dev/null", Libc.O_WRONLY, 0);
        _ = Libc.posix_spawn_file_actions_addopen(actions, 2, "/dev/null", Libc.O_WRONLY, 0);
        string?[] words = [program, .. arguments, null];
        var started = Stopwatch.GetTimestamp();
        var error = Libc.posix_spawnp(out var pid, program, actions, 0, words, Environment);
        if (error != 0)
            throw new CannotMeasureException($"cannot start {program}: is it installed?");
        _ = Libc.waitpid(pid, out var status, 0);
        var time = Stopwatch.GetElapsedTime(started);
        _ = Libc.posix_spawn_file_actions_destroy(actions);
        return status == 0
            ? time.TotalMilliseconds
            : throw new CannotMeasureException($"{program} {string.Join(' ', arguments)} ended with status {status}");
    }
}
