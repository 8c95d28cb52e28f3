namespace PkgForge.Bench.Farms;

/// <summary>Debian's source package of GNU hello, fetched from its archive and kept.</summary>
internal static class Hello
{
    /// <summary>The path of its <c>.dsc</c>.</summary>
    public static async Task<string> SourceAsync(Place place)
    {
        await Place.ScriptAsync("tests/sources/fetch", $"{place.Kept}/hello");
        return Directory.EnumerateFiles($"{place.Kept}/hello", "*.dsc").Single();
    }
}
