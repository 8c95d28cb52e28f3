using PkgForge.EndToEnd.Escape;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Real;

/// <summary>Source packages that print what a farm keeps the same for every build, and make a package that is never the same.</summary>
internal static class RandomSource
{
    // As %build of tests/sources/rpm/greet-random.spec.
    private const string Behaviour = """
        echo "FIXED: epoch $SOURCE_DATE_EPOCH"
        echo "FIXED: path $(pwd)"
        echo "FIXED: locale $LANG"
        echo "FIXED: umask $(umask)"
        echo "FIXED: host $(cat /proc/sys/kernel/hostname)"
        cat /proc/sys/kernel/random/uuid > number.txt
        """;

    /// <summary>The main file of the source of that family.</summary>
    public static string Of(TestFarm farm, string platform) =>
        platform.StartsWith("tiny", StringComparison.Ordinal)
            ? Cache.Source("greet-random-1.0-1.src.rpm")
            : new NativeSource("random", Behaviour)
            {
                Files = new Dictionary<string, string> { ["number.txt"] = "none yet\n" },
            }.Write($"{farm.Directory}/sources");
}
