namespace PkgForge.Bench.Measuring;

/// <summary>What was measured: medians.</summary>
/// <param name="Ours">Ours.</param>
/// <param name="Unit">Of both.</param>
/// <param name="Samples">So many of each.</param>
internal sealed record Figures(double Ours, string Unit, int Samples)
{
    /// <summary>The floor, or the peer; null for a figure that is held against its bar alone.</summary>
    public double? Peer { get; init; }

    /// <summary>The median of the ratios of each pair: where it is far from <see cref="Ratio"/>, the machine was not quiet.</summary>
    public double? PairRatio { get; init; }

    /// <summary>What else there is to say, in one line.</summary>
    public string Note { get; init; } = "";

    /// <summary>The ratio of the medians.</summary>
    public double? Ratio => Ours / Peer;
}

/// <summary>A row and what came of it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Figures">Null when it could not be measured.</param>
/// <param name="Trouble">Why not.</param>
internal sealed record RowResult(Row Row, Figures? Figures, string? Trouble)
{
    public bool Met => Figures is not null && Row.Bar.Holds(Figures);
}
