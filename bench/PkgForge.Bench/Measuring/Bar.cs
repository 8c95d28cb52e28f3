namespace PkgForge.Bench.Measuring;

/// <summary>What a row must reach.</summary>
internal abstract record Bar
{
    /// <summary>Whether figures reach it.</summary>
    public abstract bool Holds(Figures figures);

    /// <summary>Ours, divided by the floor's or the peer's.</summary>
    public sealed record Ratio(double AtMost) : Bar
    {
        public override bool Holds(Figures figures) => figures.Ratio <= AtMost;

        public override string ToString() => $"<= {AtMost:0.00}x";
    }

    /// <summary>Ours, divided by the floor's or the peer's, where more is better.</summary>
    public sealed record Rate(double AtLeast) : Bar
    {
        public override bool Holds(Figures figures) => figures.Ratio >= AtLeast;

        public override string ToString() => $">= {AtLeast:0.00}x";
    }

    /// <summary>Ours, as it is.</summary>
    public sealed record Most(double Value, string Unit) : Bar
    {
        public override bool Holds(Figures figures) => figures.Ours <= Value;

        public override string ToString() => $"<= {Value:0} {Unit}";
    }

    /// <summary>Ours, as it is.</summary>
    public sealed record Least(double Value, string Unit) : Bar
    {
        public override bool Holds(Figures figures) => figures.Ours >= Value;

        public override string ToString() => $">= {Value:0} {Unit}";
    }
}
