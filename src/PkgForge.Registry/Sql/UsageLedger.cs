namespace PkgForge.Registry.Sql;

/// <summary>What submitters have used since it was last written down, as logarithms to the base 2.</summary>
internal sealed class UsageLedger(TimeProvider clock, TimeSpan pause)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, double> open = [];
    private long lastTaken;

    /// <summary>The logarithm of the sum of what two logarithms stand for, without ever making that sum.</summary>
    public static double Sum(double a, double b) => Math.Max(a, b) + Math.Log2(1 + Math.Pow(2, -Math.Abs(a - b)));

    public void Add(long submitter, double used)
    {
        lock (gate)
            open[submitter] = open.TryGetValue(submitter, out var before) ? Sum(before, used) : used;
    }

    /// <summary>What is to be written down now, by submitter; nothing so soon after the last time.</summary>
    public IReadOnlyList<(long Submitter, double Used)> TakeDue()
    {
        lock (gate)
        {
            if (lastTaken != 0 && clock.GetElapsedTime(lastTaken) < pause)
                return [];
            lastTaken = clock.GetTimestamp();
            var due = open.OrderBy(item => item.Key).Select(item => (item.Key, item.Value)).ToList();
            open.Clear();
            return due;
        }
    }
}
