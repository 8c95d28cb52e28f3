using System.Collections.Concurrent;

namespace PkgForge.Registry.Sql;

/// <summary>Tasks of one platform, priority, submitter and bucket, and where the first of them is.</summary>
/// <param name="Id">The lane's.</param>
/// <param name="Rank">No waiting task of the lane has a smaller rank ...</param>
/// <param name="First">... or, with this rank, a smaller id.</param>
/// <param name="Capped">There is a cap on its submitter or its bucket.</param>
internal sealed record Lane(long Id, long Rank, long First, bool Capped);

/// <summary>
/// The order in which the lanes of a platform are served, kept for so short a time that only a farm under load shares it between claims. When it gets old one
/// of the claims works it out anew; the others go by the old one meanwhile, but not for much longer.
/// </summary>
internal sealed class LaneOrders(TimeProvider clock, TimeSpan age)
{
    /// <summary>So many times the age an order serves at the most.</summary>
    private const int Oldest = 3;

    private readonly ConcurrentDictionary<string, Kept> kept = new();
    private readonly ConcurrentDictionary<string, int> claims = new();

    /// <summary>The order, if it is young enough; else null, and the caller works it out.</summary>
    public IReadOnlyList<Lane>? Recent(string platform)
    {
        if (!kept.TryGetValue(platform, out var order))
            return null;
        var since = clock.GetElapsedTime(order.At);
        return since < age || (since < Oldest * age && order.IsBeingReplaced()) ? order.Lanes : null;
    }

    public void Keep(string platform, IReadOnlyList<Lane> lanes) => kept[platform] = new(clock.GetTimestamp(), lanes);

    /// <summary>Counts a claim. Returns how many there were.</summary>
    public int CountClaim(string platform) => claims.AddOrUpdate(platform, 1, (_, count) => unchecked(count + 1));

    private sealed class Kept(long at, IReadOnlyList<Lane> lanes)
    {
        private bool replaced;

        public long At => at;

        public IReadOnlyList<Lane> Lanes => lanes;

        /// <summary>False for the first who asks: he is to replace it.</summary>
        public bool IsBeingReplaced() => Interlocked.Exchange(ref replaced, true);
    }
}
