using System.Text.RegularExpressions;

namespace PkgForge.Platforms;

/// <summary>
/// The words that a user gave for platforms or for architectures, taken apart: <c>all</c>, <c>auto</c>, names, and
/// names to exclude (<c>!x</c>). Case does not count.
/// </summary>
internal sealed partial class PlatformWords
{
    private const int MaxWords = 100;

    private PlatformWords(IReadOnlyList<string> words)
    {
        Excluded = [.. words.Where(word => word[0] == '!').Select(word => word[1..])];
        var asked = words.Where(word => word[0] != '!').ToList();
        All = asked.Any(word => Same(word, "all"));
        // Nothing, or nothing but exclusions, means the default set.
        Auto = asked.Count == 0 || asked.Any(word => Same(word, "auto"));
        Names = [.. asked.Where(word => !IsOfTheLanguage(word))];
        Text = words.Count == 0 ? "auto" : string.Join(", ", words);
    }

    internal bool All { get; }

    internal bool Auto { get; }

    internal IReadOnlyList<string> Names { get; }

    internal IReadOnlyList<string> Excluded { get; }

    /// <summary>What was asked for, for messages.</summary>
    internal string Text { get; }

    /// <summary>Takes options apart, each of which may hold several words with commas between them.</summary>
    /// <returns>The words, or what is wrong with them.</returns>
    internal static (PlatformWords? Words, string? Error) Parse(string what, IReadOnlyList<string> options)
    {
        var words = options.SelectMany(option => option.Split(',')).Select(word => word.Trim()).ToList();
        if (words.Count > MaxWords)
            return (null, $"{words.Count} words for {what}; at most {MaxWords} are allowed");
        foreach (var word in words)
            if (Check(what, word) is { } error)
                return (null, error);
        return (new(words.Distinct(StringComparer.OrdinalIgnoreCase).ToList()), null);
    }

    internal bool Excludes(string name) => Excluded.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>True for a word that means a set of platforms, and so could not mean one of that name.</summary>
    internal static bool IsOfTheLanguage(string word) => Same(word, "all") || Same(word, "auto");

    internal static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string? Check(string what, string word)
    {
        if (word.Length == 0)
            return $"an empty word for {what}; expected all, auto, a name, or !name to exclude one";
        if (word == "!")
            return $"'!' alone for {what}; expected the name to exclude right after it, as in '!sid'";
        if (word[0] == '!' && IsOfTheLanguage(word[1..]))
            return $"'{word}' for {what} excludes a whole set; expected names to exclude, as in '!sid'";
        return Pattern().IsMatch(word)
            ? null
            : $"'{Shown(word)}' for {what} is not a name; expected letters, digits, '.', '_' and '-', at most 50";
    }

    private static string Shown(string word) => string.Concat(word.Take(60).Select(c => char.IsControl(c) ? '?' : c));

    [GeneratedRegex(@"\A!?[A-Za-z0-9][A-Za-z0-9._-]{0,49}\z")]
    private static partial Regex Pattern();
}
