using PkgForge.Native;
using PkgForge.Server.Reporting;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Takes jobs from <c>incoming</c>: discover, load, validate, transfer, register, clean up (DESIGN 3.2). What it does with
/// them, and what is guaranteed if it dies, is in <see cref="IncomingPass"/>. Any number of processes may take turns at one
/// spool: a pass holds a lock, which goes with the process however it ends.
/// </summary>
/// <param name="farm">What it works with.</param>
public sealed class Incoming(Farm farm) : IHandler
{
    private static readonly TimeSpan SlowScan = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly OutboxDelivery mail = new(farm);
    private DirectoryWatch? watch;
    private FileLock? turn;
    private bool othersAtWork;
    private bool othersTold;
    private bool waitsForFiles;

    /// <inheritdoc/>
    public string Name => "incoming";

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancel)
    {
        await farm.Registry.CheckSchemaAsync(cancel);
        watch = new(farm.Spool.Incoming.Path);
    }

    /// <inheritdoc/>
    public async Task<bool> RunPassAsync(CancellationToken cancel)
    {
        using var held = turn ?? FileLock.TryTake(TurnsOf(farm));
        turn = null;
        othersAtWork = held is null;
        if (othersAtWork)
        {
            if (!othersTold)
                farm.Log.IncomingBusy(farm.Spool.Incoming.Path);
            othersTold = true;
            return false;
        }
        var pass = new IncomingPass(farm);
        var more = await pass.RunAsync(cancel);
        waitsForFiles = pass.WaitsForFiles;
        mail.Start();
        return more;
    }

    /// <summary>
    /// Waits for a change. While another process is at it, waits for its end instead: if that one dies in the middle, this one
    /// goes on at once.
    /// </summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        if (othersAtWork)
            turn = await FileLock.TakeAsync(TurnsOf(farm), cancel);
        else
            await watch!.WaitAsync(waitsForFiles ? LookAgain : SlowScan, cancel);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        turn?.Dispose();
        watch?.Dispose();
        return mail.DisposeAsync();
    }

    /// <summary>The file whose lock is the right to take jobs.</summary>
    internal static string TurnsOf(Farm farm) => $"{farm.Spool.Accepted.Path}/.incoming.lock";
}
