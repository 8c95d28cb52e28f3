using System.Globalization;
using System.Text;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Logs;

/// <summary>Lines of a log as HTML, in an event for pages.</summary>
/// <param name="First">The first one's number.</param>
/// <param name="Last">The last one's; below <paramref name="First"/> when there are none.</param>
/// <param name="IsAll">There are no more of them yet.</param>
/// <param name="Version">Of the log that they were read of.</param>
/// <param name="Event">The event.</param>
internal sealed record LogLines(long First, long Last, bool IsAll, long Version, ReadOnlyMemory<byte> Event)
{
    private const int AtOnce = 500;

    /// <summary>Characters of an event: lines may all be long.</summary>
    private const int MostOfEvent = 256 << 10;

    /// <summary>Reads some from a line on.</summary>
    /// <param name="index">Of the log.</param>
    /// <param name="first">The first line.</param>
    /// <param name="ended">Also a line without an end.</param>
    /// <param name="version">Of the log.</param>
    public static LogLines Read(LogIndex index, long first, bool ended, long version)
    {
        LogState state;
        try
        {
            state = index.Refresh();
        }
        catch (FileNotFoundException)
        {
            return None(first, version);
        }
        var end = ended ? state.Lines : state.Whole;
        if (first > end)
            return None(first, version);
        var lines = index.Read(first, (int)Math.Min(AtOnce, end - first + 1), LogViews.LongestLine);
        if (lines.Count == 0)
            return None(first, version);
        var (html, last) = Render(lines);
        return new(first, last, last == end, version, EventStream.Bytes("lines", html, $"{last}"));
    }

    private static LogLines None(long first, long version) => new(first, first - 1, true, version, default);

    /// <summary>As many lines as an event has room for, and the last one's number.</summary>
    private static (string Html, long Last) Render(IReadOnlyList<LogLine> lines)
    {
        var (html, last) = (new StringBuilder(), lines[0].Number);
        foreach (var line in lines.TakeWhile(_ => html.Length < MostOfEvent).Select(LogViews.Shown))
        {
            last = line.Number;
            html.Append(
                CultureInfo.InvariantCulture,
                $"<div id=\"L{line.Number}\"{(line.IsFarms ? " class=\"farm\"" : "")}><a href=\"?line={line.Number}#L{line.Number}\">{line.Number}</a><span>{line.Html}</span></div>"
            );
        }
        return (html.ToString(), last);
    }
}
