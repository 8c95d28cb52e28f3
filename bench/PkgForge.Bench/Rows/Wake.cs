using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>
/// How soon an idle farm begins what it is given, beside a bare listener that claims a bare row. Both times begin with the commit (the server's own
/// note of it), so the statements of the registration are not in them, and the way to the disk is.
/// </summary>
internal sealed class Wake(Reach reach, string percentile, double quantile, double atMost)
    : Row(
        $"wake-{reach.ToString().ToLowerInvariant()}-{percentile}",
        $"from the commit of a registration to the first instruction of a Dummy build, {percentile}, against commit, NOTIFY and a bare claim",
        new Bar.Ratio(atMost)
    )
{
    private int jobs;

    public override async Task<Figures> MeasureAsync(Place place)
    {
        await using var farm = await WakeFarm.OpenAsync(place, Name, reach);
        await using var bare = await BareListener.OpenAsync(farm);
        return await Paired.MeasureAsync(
            place.Pairs(101),
            "ms",
            () => farm.RegisterAsync($"wake-{++jobs}"),
            () => bare.InsertAsync($"bare-{++jobs}"),
            warmUps: 10,
            quantile
        );
    }
}
