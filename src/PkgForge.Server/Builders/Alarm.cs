using System.Threading.Channels;

namespace PkgForge.Server.Builders;

/// <summary>Says when it is time. Set to several times it rings at the first, and has to be set again after that.</summary>
internal sealed class Alarm : IDisposable
{
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Channel<bool> rings = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    private long due = long.MaxValue;

    public Alarm(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rings after this time, if it would not ring before that anyway.</summary>
    public void SetBy(TimeSpan after)
    {
        after = after > TimeSpan.Zero ? after : TimeSpan.Zero;
        lock (gate)
        {
            var at = time.GetTimestamp() + (long)(after.TotalSeconds * time.TimestampFrequency);
            if (at >= due)
                return;
            due = at;
            timer.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Returns when it rings, or has rung since the last return.</summary>
    public async Task WaitAsync(CancellationToken cancel) => await rings.Reader.ReadAsync(cancel);

    public void Dispose() => timer.Dispose();

    private void Ring()
    {
        lock (gate)
            due = long.MaxValue;
        rings.Writer.TryWrite(true);
    }
}
