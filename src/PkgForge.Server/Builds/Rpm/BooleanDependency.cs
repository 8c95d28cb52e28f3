namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// The names in a condition on packages (rpm's "boolean dependencies"): <c>(a &gt;= 1 with a &lt; 2)</c>, <c>(a or b)</c>, <c>(a if b else c)</c>. They put sources in order, no more:
/// what a condition comes to is for dnf to say. What only decides whether another is needed (<c>if b</c>, <c>unless b</c>, <c>without b</c>) is no need.
/// </summary>
internal static class BooleanDependency
{
    /// <summary>Groups of which one name each must be had: one group where any of the names will do, else each name is one.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Names(string condition)
    {
        var names = new List<string>();
        var (depth, ignored, onlyOr, isVersion) = (0, int.MaxValue, true, false);
        foreach (var word in condition.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var bare = word.TrimStart('(');
            depth += word.Length - bare.Length;
            var closing = Closing(bare);
            bare = bare[..^closing];
            if (IsOperator(bare))
            {
                isVersion = true;
                continue;
            }
            if (IsWord(bare))
            {
                onlyOr &= bare == "or";
                // Until "else", or the end of this pair of parentheses.
                if (bare is "if" or "unless" or "without")
                    ignored = Math.Min(ignored, depth);
                else if (bare == "else" && ignored == depth)
                    ignored = int.MaxValue;
            }
            else if (!isVersion && depth < ignored)
                names.Add(bare);
            isVersion = false;
            depth -= closing;
            if (depth < ignored)
                ignored = int.MaxValue;
        }
        return onlyOr ? [names] : [.. names.Distinct(StringComparer.Ordinal).Select(name => new[] { name })];
    }

    private static bool IsOperator(string word) => word is "<" or ">" or "<=" or ">=" or "=";

    private static bool IsWord(string word) =>
        word is "and" or "or" or "if" or "else" or "unless" or "with" or "without";

    /// <summary>How many parentheses at the end of a word close what was opened before it: a name may have its own.</summary>
    private static int Closing(string word)
    {
        var own = word.Count(c => c == ')') - word.Count(c => c == '(');
        var end = word.Length - word.TrimEnd(')').Length;
        return Math.Clamp(own, 0, end);
    }
}
