namespace PkgForge.Bench.Farms;

/// <summary>Source packages of Debian, fetched from its archive and kept.</summary>
internal static class Archive
{
    /// <summary>The path of a <c>.dsc</c>; of GNU hello unless another name is given.</summary>
    public static async Task<string> SourceAsync(Place place, string name = "hello")
    {
        await Place.ScriptAsync("tests/sources/fetch", $"{place.Kept}/{name}", name);
        return Directory.EnumerateFiles($"{place.Kept}/{name}", "*.dsc").Single();
    }
}
