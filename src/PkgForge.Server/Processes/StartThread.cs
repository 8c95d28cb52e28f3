using System.Collections.Concurrent;
using System.Diagnostics;
using PkgForge.Native;

namespace PkgForge.Server.Processes;

/// <summary>
/// Starts processes, all from two threads that never end. A process that asks to die with its parent (bwrap's
/// <c>--die-with-parent</c>, PR_SET_PDEATHSIG) is killed when the <em>thread</em> that started it ends, and the threads of
/// the pool come and go while a tool runs. The second thread has put the filter of system calls on itself, which what it
/// starts inherits, and can never take it off again.
/// </summary>
internal static class StartThread
{
    // In this order: a thread inherits the filter of the thread that begins it.
    private static readonly BlockingCollection<Task<Process>> Waiting = Begin();
    private static readonly BlockingCollection<Task<Process>> WaitingFiltered = Begin();

    /// <summary>Like <see cref="Process.Start(ProcessStartInfo)"/>, with its exceptions.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="filtered">Whether behind the filter of system calls.</param>
    public static Process Start(ProcessStartInfo start, bool filtered)
    {
        var started = new Task<Process>(() => Begin(start, filtered));
        (filtered ? WaitingFiltered : Waiting).Add(started);
        return started.GetAwaiter().GetResult();
    }

    private static Process Begin(ProcessStartInfo start, bool filtered)
    {
        if (filtered)
            SystemCallFilter.Apply();
        return Process.Start(start)!;
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
