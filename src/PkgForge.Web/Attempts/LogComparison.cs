using System.Text;
using System.Text.RegularExpressions;
using PkgForge.Registry.Views;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Attempts;

/// <summary>
/// Two logs of the same source against each other, stage by stage. It is bounded, however long they are: of each stage so many lines are read, and so many of
/// all.
/// </summary>
internal sealed partial class LogComparison
{
    private const string SourceLine = "source: ";

    /// <summary>Of longer stages the beginning is compared.</summary>
    private const int LinesOfStage = 5_000;

    /// <summary>So many lines of each log are looked at for the first stage that differs.</summary>
    private const int MostLines = 20_000;

    /// <summary>Of longer lines only so many bytes count.</summary>
    private const int LongestLine = 1_000;

    private const int MostShown = 200;

    private readonly LogIndex before;
    private readonly LogIndex after;
    private readonly LogState old;
    private readonly LogState now;

    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    public LogComparison(LogIndex before, LogIndex after)
    {
        (this.before, this.after) = (before, after);
        (old, now) = (before.Refresh(), after.Refresh());
    }

    /// <summary>Compares the builds of a source.</summary>
    /// <param name="sources">Its main file in the one, and in the other.</param>
    /// <param name="times">How long it took.</param>
    /// <param name="evidence">The line that shows why this one failed; null where it did not, or nobody knows.</param>
    public LogChangesJson Compare(
        (string Before, string After) sources,
        (TimeSpan? Before, TimeSpan? After) times,
        long? evidence
    )
    {
        var (first, second) = (StagesOf(old, sources.Before), StagesOf(now, sources.After));
        var differs = FirstDifference(first, second);
        var failed = evidence is { } line ? second.FindLastIndex(stage => stage.First <= line) : -1;
        var shown =
            failed >= 0 && first.Find(stage => stage.Name == second[failed].Name) is { } same
                ? (same, second[failed])
                : differs;
        var lines = shown is ({ } a, { } b) ? LineDiff.Shorten(LineDiff.Of(ReadEnd(before, a), ReadEnd(after, b))) : [];
        return new(
            new(old.Lines, old.Bytes, times.Before?.TotalSeconds),
            new(now.Lines, now.Bytes, times.After?.TotalSeconds),
            differs is var (x, y) ? new(x?.Text, x?.First, y?.Text, y?.First) : null,
            [.. lines.TakeLast(MostShown)],
            lines.Count > MostShown
        );
    }

    /// <summary>The stages of a source: from the line that names it until the next source.</summary>
    private static List<Stage> StagesOf(LogState log, string source)
    {
        var stages = new List<Stage>();
        var ours = false;
        for (var i = 0; i < log.Stages.Count; i++)
        {
            var stage = log.Stages[i];
            if (stage.Text.StartsWith(SourceLine, StringComparison.Ordinal))
            {
                ours = stage.Text[SourceLine.Length..] == source;
                // It may have been tried before: the last try counts.
                if (ours)
                    stages.Clear();
            }
            var last = i + 1 < log.Stages.Count ? log.Stages[i + 1].Line - 1 : log.Lines;
            if (ours)
                stages.Add(new(stage.Text.Split(':')[0], stage.Text, stage.Line, last));
        }
        return stages;
    }

    private (Stage? Before, Stage? After)? FirstDifference(List<Stage> first, List<Stage> second)
    {
        var left = MostLines;
        for (var i = 0; i < Math.Max(first.Count, second.Count) && left > 0; i++)
        {
            var (a, b) = (first.ElementAtOrDefault(i), second.ElementAtOrDefault(i));
            if (a is null || b is null || a.Name != b.Name)
                return (a, b);
            var (x, y) = (Read(before, a), Read(after, b));
            if (!x.Select(line => line.Key).SequenceEqual(y.Select(line => line.Key), StringComparer.Ordinal))
                return (a, b);
            left -= Math.Max(x.Count, y.Count);
        }
        return null;
    }

    private static List<ComparedLine> Read(LogIndex log, Stage stage) => Read(log, stage, stage.First, LinesOfStage);

    /// <summary>The end of a long stage: that is where it fails.</summary>
    private static List<ComparedLine> ReadEnd(LogIndex log, Stage stage) =>
        Read(log, stage, Math.Max(stage.First, stage.Last - LineDiff.Most + 1), LineDiff.Most);

    private static List<ComparedLine> Read(LogIndex log, Stage stage, long from, int atMost)
    {
        var count = (int)Math.Min(atMost, stage.Last - from + 1);
        return count <= 0 ? [] : [.. log.Read(from, count, LongestLine).Select(Line)];
    }

    private static ComparedLine Line(LogLine line)
    {
        var text = Encoding.UTF8.GetString(line.Bytes);
        return new(line.Number, text, Changing().Replace(text, ""));
    }

    /// <summary>What differs between any two builds: the farm's times and names of layers, the source's version in the line that names it.</summary>
    [GeneratedRegex(
        @"(?<=\A==> )\d\d:\d\d:\d\d |(?<=\A==> \d\d:\d\d:\d\d source: ).*|(?<=\b(base|deps)-)[0-9a-f]{16}",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex Changing();

    private sealed record Stage(string Name, string Text, long First, long Last);
}
