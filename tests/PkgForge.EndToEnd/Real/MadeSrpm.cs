using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Real;

/// <summary>SRPMs that a test writes itself.</summary>
internal static class MadeSrpm
{
    /// <summary>Makes one of a spec file; returns its path.</summary>
    /// <param name="farm">In whose directory.</param>
    /// <param name="spec">The spec file.</param>
    /// <param name="sources">Files that it names, by their names; null for none.</param>
    /// <param name="options">Of rpmbuild.</param>
    public static async Task<string> MakeAsync(
        TestFarm farm,
        string spec,
        IReadOnlyDictionary<string, string>? sources = null,
        params string[] options
    )
    {
        var top = $"{farm.Directory}/sources/{Guid.NewGuid():N}";
        Directory.CreateDirectory($"{top}/SOURCES");
        await File.WriteAllTextAsync($"{top}/x.spec", spec);
        foreach (var (name, text) in sources ?? new Dictionary<string, string>())
            await File.WriteAllTextAsync($"{top}/SOURCES/{name}", text);
        await farm.GiveAsync(top);
        await RealFarmTests.AsFarmAsync([
            "rpmbuild",
            "-bs",
            "--nodeps",
            "--define",
            $"_topdir {top}",
            .. options,
            $"{top}/x.spec",
        ]);
        return Directory.EnumerateFiles($"{top}/SRPMS", "*.src.rpm").Single();
    }
}
