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
    public static async Task<Figures> MeasureAsync(
        int pairs,
        string unit,
        Func<Task<double>> ours,
        Func<Task<double>> peer,
        int warmUps = 1
    )
    {
        for (var i = 0; i < warmUps; i++)
            _ = (await ours(), await peer());
        var measured = new List<(double Ours, double Peer)>();
        for (var i = 0; i < pairs; i++)
            measured.Add((await ours(), await peer()));
        return new(Median(measured.Select(m => m.Ours)), unit, pairs)
        {
            Peer = Median(measured.Select(m => m.Peer)),
            PairRatio = Median(measured.Select(m => m.Ours / m.Peer)),
        };
    }

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
