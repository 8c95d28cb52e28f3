using System.Text.RegularExpressions;

namespace PkgForge.Server.Builds.Rpm;

/// <summary>
/// What dnf says that it will do, before it does it: the table of a transaction, with name, architecture, version, repository and size of each package. The digests are not in it.
/// </summary>
/// <param name="Text">The table, however dnf has broken its lines, with a single space between its words.</param>
internal sealed partial record DnfPlan(string Text)
{
    /// <summary>The plan in what <c>dnf install</c> has printed; null when it has nothing to do, or says so in a way that is not known.</summary>
    public static DnfPlan? Read(string output)
    {
        var table = Table().Match(output);
        return table.Success ? new(string.Join(' ', table.Groups["rows"].Value.Split((char[]?)null, Words))) : null;
    }

    /// <summary>The packages that come out of repositories whose names begin so, as <c>NAME-EVR.ARCHITECTURE</c>.</summary>
    public IReadOnlyList<string> From(string prefix)
    {
        var words = Text.Split(' ');
        return
        [
            .. Enumerable
                .Range(3, Math.Max(0, words.Length - 3))
                .Where(i => words[i].StartsWith(prefix, StringComparison.Ordinal))
                .Select(i => $"{words[i - 3]}-{words[i - 1]}.{words[i - 2]}"),
        ];
    }

    private const StringSplitOptions Words = StringSplitOptions.RemoveEmptyEntries;

    [GeneratedRegex(
        @"^Dependencies resolved\.\n=+\n[^\n]*\n=+\n(?<rows>.*?)^Transaction Summary$",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Table();
}
