using System.Globalization;

namespace PkgForge.EndToEnd.Faults;

/// <summary>
/// How much a campaign of faults does: a handful in the normal tests, or what <c>PKGFORGE_FAULTS</c> says, which <c>./dev test --faults</c>
/// sets: <c>kills=500 freezes=200 outages=200 seed=1 minutes=30 workers=4</c>, each word optional.
/// </summary>
/// <param name="Runs">How many runs. Run number I has the seed <paramref name="Seed"/> + I, and all it does follows from that.</param>
/// <param name="Seed">The first run's seed.</param>
/// <param name="AtMost">No run begins after this time.</param>
/// <param name="Workers">So many runs at a time, each with a farm of its own.</param>
internal sealed record CampaignSettings(int Runs, int Seed, TimeSpan AtMost, int Workers)
{
    private const string Variable = "PKGFORGE_FAULTS";

    /// <summary>True when the numbers come from arguments.</summary>
    public static bool IsCampaign => Words.Count > 0;

    private static IReadOnlyDictionary<string, int> Words { get; } =
        (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Split('='))
            .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture));

    /// <summary>The same when each run does several.</summary>
    public CampaignSettings By(int each) => this with { Runs = (Runs + each - 1) / each };

    /// <summary>The settings of one campaign.</summary>
    /// <param name="kind">The word for its number of runs.</param>
    /// <param name="few">How many runs are enough in the normal tests.</param>
    public static CampaignSettings Of(string kind, int few) =>
        new(
            IsCampaign ? Words.GetValueOrDefault(kind) : few,
            Words.GetValueOrDefault("seed", 1),
            TimeSpan.FromMinutes(Words.GetValueOrDefault("minutes", 30)),
            IsCampaign ? Words.GetValueOrDefault("workers", 3) : 1
        );
}
