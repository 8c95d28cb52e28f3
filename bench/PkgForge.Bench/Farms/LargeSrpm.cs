namespace PkgForge.Bench.Farms;

/// <summary>An SRPM of 200 MB that cannot be compressed, made by <c>rpmbuild</c> and kept.</summary>
internal static class LargeSrpm
{
    public static async Task<string> PathAsync(Place place)
    {
        await Place.ScriptAsync("inputs/make-srpm", $"{place.Kept}/srpm");
        return Directory.EnumerateFiles($"{place.Kept}/srpm", "*.src.rpm").Single();
    }
}
