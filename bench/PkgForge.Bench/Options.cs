using System.Globalization;

namespace PkgForge.Bench;

/// <summary>How results are printed.</summary>
internal enum Style
{
    Text,
    Json,
    Markdown,
}

/// <summary>The words of the command line.</summary>
/// <param name="Rows">Beginnings of the names of the rows to run; empty for all.</param>
/// <param name="Style">How results are printed.</param>
/// <param name="List">Print the rows, and run none.</param>
/// <param name="Pairs">So many pairs for each row, for trials; null for what each row asks for.</param>
internal sealed record Options(IReadOnlyList<string> Rows, Style Style, bool List, int? Pairs)
{
    private const string Usage = "usage: ./dev bench [--list] [--json | --markdown] [--pairs N] [ROW...]";

    /// <summary>Null, and the usage on standard error, when they make no sense.</summary>
    public static Options? Read(IReadOnlyList<string> words)
    {
        var options = new Options([], Style.Text, List: false, Pairs: null);
        for (var i = 0; i < words.Count; i++)
        {
            Options? next = words[i] switch
            {
                "--list" => options with { List = true },
                "--json" => options with { Style = Style.Json },
                "--markdown" => options with { Style = Style.Markdown },
                "--pairs" when ++i < words.Count && Count(words[i]) is { } pairs => options with { Pairs = pairs },
                var word when !word.StartsWith('-') => options with { Rows = [.. options.Rows, word] },
                _ => null,
            };
            if (next is null)
            {
                Console.Error.WriteLine(Usage);
                return null;
            }
            options = next;
        }
        return options;
    }

    private static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;
}
