using System.Globalization;

namespace PkgForge.Bench.Farms;

/// <summary>Debian source packages that are made for the benchmarks.</summary>
internal static class MadeSource
{
    /// <summary>What debhelper brings, which nearly every package of Debian needs, and a few more: some fifty packages together.</summary>
    private const string Fifty =
        "debhelper-compat (= 13), flex, bison, libonig-dev, zlib1g-dev, libxml2-dev, libssl-dev, libncurses-dev, python3";

    /// <summary>The path of a <c>.dsc</c> of a source that needs some fifty packages to be built, and does nothing with them.</summary>
    public static Task<string> WithFiftyAsync(Place place, string name) => MakeAsync(place, name, Fifty, "true");

    /// <summary>One that needs the same and says it in other words: in another order.</summary>
    public static Task<string> WithFiftyInOrderAsync(Place place, int order)
    {
        var words = Fifty.Split(", ");
        var turned = string.Join(", ", words.Skip(order % words.Length).Concat(words.Take(order % words.Length)));
        return MakeAsync(place, $"needs-fifty-{order}", turned, order < words.Length ? "true" : ":");
    }

    /// <summary>One that needs what hello needs, and is built in a moment.</summary>
    public static Task<string> OfAMomentAsync(Place place) =>
        MakeAsync(place, "moment", "debhelper-compat (= 13), help2man, texinfo", "true");

    /// <summary>One that needs the same, and a small package more.</summary>
    public static Task<string> WithOneMoreAsync(Place place) => MakeAsync(place, "needs-more", $"{Fifty}, sl", "true");

    /// <summary>One that needs nothing, and does nothing.</summary>
    public static Task<string> WithNothingAsync(Place place) => MakeAsync(place, "needs-nothing", "", "true");

    /// <summary>One that prints for ever, as fast as anybody reads it.</summary>
    public static Task<string> LoudAsync(Place place) =>
        MakeAsync(
            place,
            "loud",
            "",
            "exec yes 'a line of output as a compiler would print it, of eighty characters or so'"
        );

    /// <summary>One that prints the time, in microseconds since 1970, a thousand times a second.</summary>
    /// <param name="place">Where.</param>
    /// <param name="lines">So many times.</param>
    public static Task<string> TickingAsync(Place place, int lines) => MakeAsync(place, "ticking", "", Ticking(lines));

    /// <summary>The same for a shell.</summary>
    public static string Ticking(int lines) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"exec perl -MTime::HiRes=time,sleep -e '$|=1; my $t=time; for (1..{lines}) {{ printf \"T%d\\n\", time*1e6; $t+=0.001; my $d=$t-time; sleep $d if $d>0 }}'"
        );

    private static async Task<string> MakeAsync(Place place, string name, string needs, string behaviour)
    {
        await Place.ScriptAsync("inputs/make-source", $"{place.Kept}/{name}", name, needs, behaviour);
        return $"{place.Kept}/{name}/{name}_1.0.dsc";
    }
}
