using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Rows;

/// <summary>Validation needs the same memory for any size.</summary>
internal sealed class SrpmValidateMemory()
    : Row("srpm-validate-rss", "peak memory of `pkgforge validate` of a 200 MB SRPM", new Bar.Most(64, "MB"))
{
    public override async Task<Figures> MeasureAsync(Place place)
    {
        var path = await LargeSrpm.PathAsync(place);
        var samples = new List<double>();
        while (samples.Count < place.Pairs(7))
            samples.Add(await Memory.PeakAsync(Place.Executable, "validate", path));
        return new(Paired.Median(samples), "MB", samples.Count) { Note = $"at most {samples.Max():0.0} MB" };
    }
}
