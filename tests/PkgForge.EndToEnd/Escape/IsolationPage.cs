using System.Text.RegularExpressions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Escape;

/// <summary>What <c>docs/isolation.md</c> says is tried.</summary>
internal static partial class IsolationPage
{
    private static readonly string Text = File.ReadAllText($"{Cache.Checkout}/docs/isolation.md");

    /// <summary>The probes in its lists: <c>area</c> in the first column, and names in the second.</summary>
    public static IReadOnlyList<string> Probes { get; } =
    [
        .. Row()
            .Matches(Text)
            .SelectMany(row =>
                Name()
                    .Matches(row.Groups["names"].Value)
                    .Select(n => $"{row.Groups["area"].Value}/{n.Groups["name"].Value}")
            ),
    ];

    /// <summary>Those of which it says that they are not held back in a root of sbuild, as a <c>build</c> or as a <c>script</c>.</summary>
    public static IReadOnlyList<string> InSbuild(string context) =>
        [
            .. SbuildRow()
                .Matches(Text)
                .Where(row => row.Groups["contexts"].Value.Split(", ").Contains(context))
                .SelectMany(row => Name().Matches(row.Groups["names"].Value).Select(n => n.Groups["name"].Value)),
        ];

    /// <summary>Those of which it says that scripts of RPM packages are not held back.</summary>
    public static IReadOnlyList<string> InRpmScripts { get; } =
    [
        .. RpmRow()
            .Matches(Text)
            .SelectMany(row => Name().Matches(row.Groups["names"].Value).Select(n => n.Groups["name"].Value)),
    ];

    [GeneratedRegex(@"^\| RPM script \| (?<names>`.*`) \|", RegexOptions.Multiline)]
    private static partial Regex RpmRow();

    [GeneratedRegex(@"^\| (?<contexts>build|script|build, script) \| (?<names>`.*`) \|", RegexOptions.Multiline)]
    private static partial Regex SbuildRow();

    [GeneratedRegex(@"^\| `(?<area>[a-z]+)/` \| (?<names>.*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>[^`]+)`")]
    private static partial Regex Name();
}
