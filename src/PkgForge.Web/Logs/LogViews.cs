using System.Text;
using PkgForge.Web.Pages;

namespace PkgForge.Web.Logs;

/// <summary>Parts of logs, as pages show them.</summary>
internal static class LogViews
{
    /// <summary>Lines on a page: however long a log is, a page is not.</summary>
    public const int LinesOnPage = 1000;

    /// <summary>Of a longer line the rest is left out; the raw log has it.</summary>
    public const int LongestLine = 4096;

    /// <summary>Where a line was asked for, so many before it are shown too.</summary>
    private const int Before = 50;

    private const int MostHits = 200;

    /// <summary>Bytes of a page's lines: they may all be long.</summary>
    private const int MostBytes = 512 << 10;

    private static ReadOnlySpan<byte> FarmMark => "==> "u8;

    /// <returns>Null when there is no log.</returns>
    public static LogView? Read(LogIndex index, LogQuery query, long? evidence, bool live, CancellationToken cancel)
    {
        LogState state;
        try
        {
            state = index.Refresh();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        var first = FirstLine(query, state);
        // The line that has only begun is shown when it is whole.
        var shown = index
            .Read(first, LinesOnPage, LongestLine)
            .Where(line => !live || line.Number <= state.Whole)
            .ToList();
        var lines = Fit(shown.Select(Shown));
        var (hits, more) = query.Search is { } text ? Find(index, text, query.From, state, cancel) : ([], null);
        var isEnd = lines.Count == 0 || lines[^1].Number >= (live ? state.Whole : state.Lines);
        return new(
            lines,
            state.Lines,
            state.Bytes,
            [.. state.Stages.Select(stage => (stage.Line, stage.Text))],
            query.Search,
            query.From,
            hits,
            more,
            evidence,
            live && isEnd ? (lines.Count == 0 ? first : lines[^1].Number + 1) : null
        );
    }

    public static ShownLine Shown(LogLine line) =>
        new(
            line.Number,
            LogHtml.Of(line.Bytes) + (line.Cut > 0 ? $"<span class=\"code\"> … {line.Cut} bytes more</span>" : ""),
            line.Bytes.AsSpan().StartsWith(FarmMark)
        );

    private static long FirstLine(LogQuery query, LogState state) =>
        Math.Max(
            1,
            query.Line is { } line ? Math.Min(line, Math.Max(1, state.Lines)) - Before : state.Lines - LinesOnPage + 1
        );

    /// <summary>As many as are no longer together than a page may be, and one at least. No more are made than that.</summary>
    private static List<ShownLine> Fit(IEnumerable<ShownLine> lines)
    {
        var (size, fitting) = (0, new List<ShownLine>());
        foreach (var line in lines)
        {
            size += line.Html.Length;
            if (size > MostBytes && fitting.Count > 0)
                break;
            fitting.Add(line);
        }
        return fitting;
    }

    /// <summary>As many as a page shows, and from which line on there are more; null when these are all.</summary>
    private static (IReadOnlyList<ShownLine> Hits, long? More) Find(
        LogIndex index,
        string text,
        long from,
        LogState state,
        CancellationToken cancel
    )
    {
        using var log = index.Open();
        using var reader = new LogReader(log, new(0, 1), state.Bytes);
        var (hits, size) = (new List<ShownLine>(), 0);
        var found = reader.Find(Encoding.UTF8.GetBytes(text), LongestLine, cancel).Where(line => line.Number >= from);
        foreach (var hit in found.Select(Shown))
        {
            size += hit.Html.Length;
            if (hits.Count > 0 && (hits.Count == MostHits || size > MostBytes))
                return (hits, hits[^1].Number + 1);
            hits.Add(hit);
        }
        return (hits, null);
    }
}
