using System.Threading.Channels;

namespace PkgForge.Registry.Sql;

/// <summary>A flag that one waiter waits for. Set twice before it is seen, it wakes once; set before the wait, it is not missed.</summary>
internal sealed class Signal(TimeProvider clock)
{
    private readonly Channel<bool> flag = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private Task<bool>? raised;

    public void Set() => flag.Writer.TryWrite(true);

    /// <summary>Returns true when the flag is set, which clears it; false after <paramref name="atMost"/>.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        // Kept over waits that time out: each new read would queue behind those given up.
        raised ??= flag.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        try
        {
            await raised.WaitAsync(atMost, clock, cancel);
        }
        catch (TimeoutException)
        {
            return false;
        }
        raised = null;
        flag.Reader.TryRead(out _);
        return true;
    }
}
