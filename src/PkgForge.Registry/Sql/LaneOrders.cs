using System.Collections.Concurrent;

namespace PkgForge.Registry.Sql;

/// <summary>Tasks of one platform, priority, submitter and bucket, and where the first of them is.</summary>
/// <param name="Id">The lane's.</param>
/// <param name="Rank">No waiting task of the lane has a smaller rank ...</param>
/// <param name="First">... or, with this rank, a smaller id.</param>
/// <param name="Capped">There is a cap on its submitter or its bucket.</param>
internal sealed record Lane(long Id, long Rank, long First, bool Capped);

/// <summary>
/// The order in which the lanes of a platform are served, kept for so short a time that only a farm under load shares it between claims.
/// </summary>
internal sealed class LaneOrders(TimeProvider clock, TimeSpan age)
{
    private readonly ConcurrentDictionary<string, (long At, IReadOnlyList<Lane> Lanes)> kept = new();
    private readonly ConcurrentDictionary<string, int> claims = new();

    /// <summary>The order, if it is young enough; else null.</summary>
    public IReadOnlyList<Lane>? Recent(string platform) =>
        age > TimeSpan.Zero && kept.TryGetValue(platform, out var order) && clock.GetElapsedTime(order.At) < age
            ? order.Lanes
            : null;

    public IReadOnlyList<Lane> Keep(string platform, IReadOnlyList<Lane> lanes)
    {
        kept[platform] = (clock.GetTimestamp(), lanes);
        return lanes;
    }

    /// <summary>Counts a claim. Returns how many there were.</summary>
    public int CountClaim(string platform) => claims.AddOrUpdate(platform, 1, (_, count) => unchecked(count + 1));
}
