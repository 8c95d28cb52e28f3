using PkgForge.Registry.Views;

namespace PkgForge.Web.Attempts;

/// <summary>A line of a log, and what it is compared by: of the farm's own lines without the time.</summary>
internal sealed record ComparedLine(long Number, string Text, string Key);

/// <summary>How two pieces of text differ: by their longest common sequence of lines, which is why they must be short.</summary>
internal static class LineDiff
{
    /// <summary>Of longer pieces the ends are compared: that is where a build fails. A million cells of a table.</summary>
    public const int Most = 1000;

    /// <summary>Lines that are the same, before and after those that are not.</summary>
    private const int Around = 2;

    /// <summary>All lines of both, in order: those that differ, and those that do not.</summary>
    public static IReadOnlyList<DiffLineJson> Of(IReadOnlyList<ComparedLine> before, IReadOnlyList<ComparedLine> after)
    {
        var common = CommonStart(before, after);
        var lines = before.Take(common).Zip(after, Same).ToList();
        var (old, now) = (before.Skip(common).TakeLast(Most).ToList(), after.Skip(common).TakeLast(Most).ToList());
        Add(lines, old, now, Lengths(old, now));
        return lines;
    }

    /// <summary>Those that differ, and a few around each.</summary>
    public static IReadOnlyList<DiffLineJson> Shorten(IReadOnlyList<DiffLineJson> lines)
    {
        var near = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
            if (IsDifferent(lines[i]))
                Array.Fill(
                    near,
                    true,
                    Math.Max(0, i - Around),
                    Math.Min(lines.Count, i + Around + 1) - Math.Max(0, i - Around)
                );
        return [.. lines.Where((_, i) => near[i])];
    }

    private static bool IsDifferent(DiffLineJson line) => line.Before is null || line.After is null;

    private static DiffLineJson Same(ComparedLine before, ComparedLine after) =>
        new(before.Number, after.Number, after.Text);

    private static int CommonStart(IReadOnlyList<ComparedLine> before, IReadOnlyList<ComparedLine> after)
    {
        var common = 0;
        while (common < before.Count && common < after.Count && before[common].Key == after[common].Key)
            common++;
        return common;
    }

    /// <summary>Of each pair of rests the length of their longest common sequence.</summary>
    private static ushort[,] Lengths(List<ComparedLine> before, List<ComparedLine> after)
    {
        var lengths = new ushort[before.Count + 1, after.Count + 1];
        for (var i = before.Count - 1; i >= 0; i--)
        for (var j = after.Count - 1; j >= 0; j--)
            lengths[i, j] =
                before[i].Key == after[j].Key
                    ? (ushort)(lengths[i + 1, j + 1] + 1)
                    : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
        return lengths;
    }

    private static void Add(
        List<DiffLineJson> lines,
        List<ComparedLine> before,
        List<ComparedLine> after,
        ushort[,] lengths
    )
    {
        var (i, j) = (0, 0);
        while (i < before.Count || j < after.Count)
            if (i < before.Count && j < after.Count && before[i].Key == after[j].Key)
                lines.Add(Same(before[i++], after[j++]));
            else if (i < before.Count && (j == after.Count || lengths[i + 1, j] >= lengths[i, j + 1]))
                lines.Add(new(before[i].Number, null, before[i++].Text));
            else
                lines.Add(new(null, after[j].Number, after[j++].Text));
    }
}
