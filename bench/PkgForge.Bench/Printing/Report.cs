using System.Globalization;
using System.Text.Json;
using PkgForge.Bench.Measuring;

namespace PkgForge.Bench.Printing;

/// <summary>Prints rows and results.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // For programs and terminals, not for web pages: "<=" stays what it is.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void List(IEnumerable<Row> rows)
    {
        foreach (var row in rows)
            Console.WriteLine($"{row.Name, -26} {row.Bar, -11} {row.What}");
    }

    public static void Text(RowResult result) =>
        Console.WriteLine(
            result.Figures is { } f
                ? $"{result.Row.Name, -26} ours {Value(f.Ours, f)}  peer {Value(f.Peer, f)}  ratio {Ratio(f)}  "
                    + $"must be {result.Row.Bar}  {Verdict(result)}{Tail(f)}"
                : $"{result.Row.Name, -26} cannot be measured: {result.Trouble}  MISSED"
        );

    public static void MarkdownHead()
    {
        Console.WriteLine("| row | ours | floor or peer | ratio (of pairs) | must be | | samples |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | --- | ---: |");
    }

    public static void Markdown(RowResult result) =>
        Console.WriteLine(
            result.Figures is { } f
                ? $"| `{result.Row.Name}` | {Value(f.Ours, f)} | {Value(f.Peer, f)} | {Ratio(f)} | {result.Row.Bar} | "
                    + $"{Verdict(result)} | {f.Samples} |"
                : $"| `{result.Row.Name}` | | | | {result.Row.Bar} | cannot be measured: {result.Trouble} | |"
        );

    /// <summary>On what was measured.</summary>
    public static void Machine() =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"\n{Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the end"
            )
        );

    public static void Json(IEnumerable<RowResult> results) =>
        Console.WriteLine(
            JsonSerializer.Serialize(
                results.Select(r => new
                {
                    r.Row.Name,
                    r.Row.What,
                    r.Figures?.Ours,
                    r.Figures?.Peer,
                    r.Figures?.Unit,
                    r.Figures?.Ratio,
                    r.Figures?.PairRatio,
                    r.Figures?.Samples,
                    MustBe = r.Row.Bar.ToString(),
                    r.Met,
                    r.Figures?.Note,
                    r.Trouble,
                }),
                Indented
            )
        );

    private static string Verdict(RowResult result) => result.Met ? "ok" : "MISSED";

    private static string Value(double? value, Figures figures) => value is null ? "-" : $"{value:0.0} {figures.Unit}";

    private static string Ratio(Figures f) => f.Ratio is null ? "-" : $"{f.Ratio:0.00} ({f.PairRatio:0.00})";

    private static string Tail(Figures f) =>
        $"  [{f.Samples} {(f.Peer is null ? "samples" : "pairs")}{(f.Note.Length > 0 ? $"; {f.Note}" : "")}]";
}
