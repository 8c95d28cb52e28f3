namespace PkgForge.Bench.Measuring;

/// <summary>
/// Measures two things in turn, ours, peer, ours, peer ...: what the machine does meanwhile meets both alike.
/// </summary>
internal static class Paired
{
    /// <param name="pairs">How many of each.</param>
    /// <param name="unit">Of what both return.</param>
    /// <param name="ours">Measures ours once.</param>
    /// <param name="peer">Measures the floor or the peer once.</param>
    /// <param name="warmUps">Pairs before those, which are not counted.</param>
    /// <param name="quantile">Which of the sorted values stands for all: the median; 0.95 for the 95th percentile.</param>
    public static async Task<Figures> MeasureAsync(
        int pairs,
        string unit,
        Func<Task<double>> ours,
        Func<Task<double>> peer,
        int warmUps = 1,
        double quantile = 0.5
    )
    {
        for (var i = 0; i < warmUps; i++)
            _ = (await ours(), await peer());
        var measured = new List<(double Ours, double Peer)>();
        for (var i = 0; i < pairs; i++)
            measured.Add((await ours(), await peer()));
        return Of(measured, unit, quantile);
    }

    /// <summary>What pairs that were measured say.</summary>
    public static Figures Of(IReadOnlyList<(double Ours, double Peer)> measured, string unit, double quantile = 0.5) =>
        new(Quantile(measured.Select(m => m.Ours), quantile), unit, measured.Count)
        {
            Peer = Quantile(measured.Select(m => m.Peer), quantile),
            PairRatio = Median(measured.Select(m => m.Ours / m.Peer)),
        };

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <summary>The value below which this part of the values lies; between two, in proportion.</summary>
    public static double Quantile(IEnumerable<double> values, double part)
    {
        var sorted = values.Order().ToList();
        var place = part * (sorted.Count - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }
}
