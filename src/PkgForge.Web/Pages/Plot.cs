using System.Globalization;

namespace PkgForge.Web.Pages;

/// <summary>What a part of each bar stands for.</summary>
/// <param name="Name">In words.</param>
/// <param name="Class">Its colour, as a class of the style sheet.</param>
public sealed record PlotSeries(string Name, string Class);

/// <summary>A bar.</summary>
/// <param name="Label">What it is of, for a person.</param>
/// <param name="Stamp">The same for programs; null where there is no such thing.</param>
/// <param name="Values">A number of each series.</param>
public sealed record PlotBar(string Label, string? Stamp, IReadOnlyList<long> Values);

/// <summary>A rectangle of a plot, as its attributes say it.</summary>
public sealed record PlotBox(string Class, string X, string Y, string Width, string Height);

/// <summary>
/// Stacked bars, drawn on the server: they can be seen without script, take their colours from the style sheet, and are told in words and numbers to those who
/// do not see them. The drawing itself has no text, so that it can be as wide as there is room.
/// </summary>
/// <param name="Id">Names it in the page.</param>
/// <param name="Title">What it shows.</param>
/// <param name="BarName">What a bar is: <c>Hour</c>, <c>Day</c>.</param>
/// <param name="Series">From the bottom up.</param>
/// <param name="Bars">From left to right; at least one.</param>
public sealed record Plot(
    string Id,
    string Title,
    string BarName,
    IReadOnlyList<PlotSeries> Series,
    IReadOnlyList<PlotBar> Bars
)
{
    /// <summary>Units of a bar with the gap after it.</summary>
    private const int Pitch = 10;

    private const int Gap = 2;
    private const int Tall = 100;

    /// <summary>The series of what attempts come to.</summary>
    public static IReadOnlyList<PlotSeries> Ends { get; } =
    [
        new("success", "plot-good"),
        new("fail", "plot-bad"),
        new("cancelled", "plot-idle"),
        new("farm fault or interrupted", "plot-busy"),
    ];

    /// <summary>The drawing's own units.</summary>
    public string ViewBox => Text($"0 0 {(Bars.Count * Pitch) - Gap} {Tall}");

    /// <summary>The highest bar.</summary>
    public long Most { get; } = Bars.Max(bar => bar.Values.Sum());

    /// <summary>All of it in a sentence.</summary>
    public string Description =>
        Text(
            $"{Bars.Count} bars, from {Bars[0].Label} to {Bars[^1].Label}. {string.Join(", ", Series.Select((series, i) => Text($"{Bars.Sum(bar => bar.Values[i])} {series.Name}")))}. The highest is {Most}. The numbers are in the table that follows."
        );

    /// <summary>What a bar is, in a line.</summary>
    public string Line(PlotBar bar) =>
        $"{bar.Label}: {string.Join(", ", Series.Select((series, i) => Text($"{bar.Values[i]} {series.Name}")))}";

    /// <summary>The parts of a bar that are not empty.</summary>
    public IEnumerable<PlotBox> Boxes(int bar)
    {
        var top = (double)Tall;
        for (var i = 0; i < Series.Count; i++)
        {
            if (Bars[bar].Values[i] == 0)
                continue;
            var height = (double)Tall * Bars[bar].Values[i] / Most;
            top -= height;
            yield return new(
                Series[i].Class,
                Text($"{bar * Pitch}"),
                Text($"{top:0.##}"),
                Text($"{Pitch - Gap}"),
                Text($"{height:0.##}")
            );
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
