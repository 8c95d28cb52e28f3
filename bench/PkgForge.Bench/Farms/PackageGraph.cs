namespace PkgForge.Bench.Farms;

/// <summary>
/// Source packages that need each other, as many as a small distribution has. Made up, from a seed: most depend on a few others, a few are
/// depended on by hundreds; some of what a package needs was made shortly before it, which gives chains; build times are log-normal
/// about 90 s.
/// </summary>
/// <param name="Needs">For each package those that it needs, all of a smaller number.</param>
/// <param name="Seconds">How long each takes.</param>
internal sealed record PackageGraph(IReadOnlyList<IReadOnlyList<int>> Needs, IReadOnlyList<double> Seconds)
{
    private const int Packages = 1815;
    private const double MeanNeeds = 2.5;
    private const double Near = 0.3;
    private const int Nearest = 100;
    private const double MedianSeconds = 90;
    private const double LongestSeconds = 7200;

    public static PackageGraph Make(int seed)
    {
        var random = new Random(seed);
        var needs = new List<IReadOnlyList<int>>();
        var seconds = new List<double>();
        for (var i = 0; i < Packages; i++)
        {
            var count = Math.Min(i, (int)(-MeanNeeds * Math.Log(1 - random.NextDouble())));
            needs.Add([.. Enumerable.Range(0, count).Select(_ => Need(random, i)).Distinct().Order()]);
            seconds.Add(Math.Clamp(MedianSeconds * Math.Exp(Normal(random)), 2, LongestSeconds));
        }
        return new(needs, seconds);
    }

    /// <summary>No order can be faster with so many builders.</summary>
    public double Bound(int builders) => Math.Max(LongestChain(), Seconds.Sum() / builders);

    private double LongestChain()
    {
        var ends = new double[Needs.Count];
        for (var i = 0; i < ends.Length; i++)
            ends[i] = Seconds[i] + Needs[i].Select(need => ends[need]).DefaultIfEmpty().Max();
        return ends.Max();
    }

    private static int Need(Random random, int package) =>
        random.NextDouble() < Near
            ? package - 1 - random.Next(Math.Min(package, Nearest))
            : (int)(package * Math.Pow(random.NextDouble(), 4));

    // Box and Muller.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
