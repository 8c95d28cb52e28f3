using System.Collections.Concurrent;
using System.Diagnostics;

namespace PkgForge.Server.Processes;

/// <summary>
/// Starts processes, all from one thread that never ends. A process that asks to die with its parent (bwrap's
/// <c>--die-with-parent</c>, PR_SET_PDEATHSIG) is killed when the <em>thread</em> that started it ends, and the threads of
/// the pool come and go while a tool runs.
/// </summary>
internal static class StartThread
{
    private static readonly BlockingCollection<Task<Process>> Waiting = Begin();

    /// <summary>Like <see cref="Process.Start(ProcessStartInfo)"/>, with its exceptions.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        var started = new Task<Process>(() => Process.Start(start)!);
        Waiting.Add(started);
        return started.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Task<Process>> Begin()
    {
        var waiting = new BlockingCollection<Task<Process>>();
        var thread = new Thread(() => Serve(waiting)) { IsBackground = true, Name = "process starter" };
        thread.Start();
        return waiting;
    }

    private static void Serve(BlockingCollection<Task<Process>> waiting)
    {
        // What a start throws is kept in its task.
        foreach (var next in waiting.GetConsumingEnumerable())
            next.RunSynchronously();
    }
}
