using PkgForge.Bench.Farms;
using PkgForge.Bench.Measuring;
using PkgForge.Bench.Printing;
using PkgForge.Server;

namespace PkgForge.Bench;

/// <summary>Runs rows, one after the other, and prints what came of them.</summary>
internal static class Run
{
    /// <returns>True when every row reaches its bar.</returns>
    public static async Task<bool> AllAsync(IReadOnlyList<Row> rows, Options options)
    {
        var results = new List<RowResult>();
        await using var place = await Place.OpenAsync(options.Pairs);
        if (options.Style == Style.Markdown)
            Report.MarkdownHead();
        foreach (var row in rows)
        {
            Console.Error.WriteLine($"{row.Name}: {row.What}");
            results.Add(await OneAsync(row, place));
            // At once: a run that is stopped keeps what it has measured.
            if (options.Style == Style.Text)
                Report.Text(results[^1]);
            if (options.Style == Style.Markdown)
                Report.Markdown(results[^1]);
        }
        if (options.Style == Style.Json)
            Report.Json(results);
        if (options.Style == Style.Markdown)
            Report.Machine();
        return results.TrueForAll(result => result.Met);
    }

    /// <summary>A row that cannot run is a missed row: it has not shown what it must.</summary>
    private static async Task<RowResult> OneAsync(Row row, Place place)
    {
        try
        {
            return new(row, await row.MeasureAsync(place), null);
        }
        catch (Exception e) when (e is CannotMeasureException or FarmFaultException or InvalidOperationException)
        {
            return new(row, null, e.Message);
        }
    }
}
