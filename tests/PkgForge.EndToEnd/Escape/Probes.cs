using System.Text.RegularExpressions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Escape;

/// <summary>One thing that a build must not be able to do.</summary>
/// <param name="Name"><c>area/what</c>.</param>
/// <param name="Control">Where the same probe must do harm: <c>user</c>, <c>root</c>, or <c>none</c>.</param>
internal sealed record Probe(string Name, string Control);

/// <summary>The probe program, which is the scripts of <c>tests/escape</c> in one file, and what its lines say.</summary>
internal static partial class Probes
{
    private static readonly Lazy<string> Text = new(() =>
        string.Join(
            '\n',
            Directory
                .EnumerateFiles($"{Cache.Checkout}/tests/escape", "*.pl")
                .OrderBy(path => Path.GetFileName(path) != "lib.pl")
                .ThenBy(path => path, StringComparer.Ordinal)
                .Select(File.ReadAllText)
        )
    );

    /// <summary>The whole program.</summary>
    public static string Program => Text.Value;

    /// <summary>Whether <c>PKGFORGE_ESCAPE=long</c> asks for all forms of what takes minutes. Without it there is one of each kind.</summary>
    public static bool Long { get; } = Environment.GetEnvironmentVariable("PKGFORGE_ESCAPE") == "long";

    /// <summary>All probes, in the order in which they run.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [.. Declaration().Matches(Program).Select(m => new Probe(m.Groups["name"].Value, m.Groups["control"].Value))];

    /// <summary>What the program has printed: by <c>context/name</c>, the verdict and what it is about.</summary>
    public static IReadOnlyDictionary<string, string> Read(string output) =>
        Line()
            .Matches(output)
            .GroupBy(m => m.Groups["name"].Value, m => m.Groups["verdict"].Value, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => string.Join(" and ", g), StringComparer.Ordinal);

    [GeneratedRegex(
        @"^probe '(?<name>[a-z0-9/-]+)', '(?<control>user|root|none)'",
        RegexOptions.Multiline | RegexOptions.IgnoreCase
    )]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^PROBE (?<name>\S+) (?<verdict>.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
