namespace PkgForge.EndToEnd.Farms;

/// <summary>The rests between looks at a farm, each of which starts a program: short at first, and longer for what takes long, which the looks would slow down.</summary>
internal sealed class Pace
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    private TimeSpan next = TimeSpan.FromMilliseconds(50);

    /// <summary>Rests until the next look.</summary>
    public async Task RestAsync()
    {
        await Task.Delay(next);
        next = TimeSpan.FromTicks(Math.Min((next * 1.5).Ticks, Longest.Ticks));
    }
}
