using PkgForge.Bench.Farms;

namespace PkgForge.Bench.Measuring;

/// <summary>One thing that is measured.</summary>
/// <param name="name">What it is called on the command line.</param>
/// <param name="what">What is measured against what, in one line.</param>
/// <param name="bar">What it must reach.</param>
internal abstract class Row(string name, string what, Bar bar)
{
    public string Name => name;

    public string What => what;

    public Bar Bar => bar;

    /// <exception cref="CannotMeasureException">Something that it needs is not there.</exception>
    public abstract Task<Figures> MeasureAsync(Place place);
}

/// <summary>A row cannot be measured on this machine; the message says what is missing.</summary>
internal sealed class CannotMeasureException(string message) : Exception(message);
