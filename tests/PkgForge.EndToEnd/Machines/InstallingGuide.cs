using System.Text.RegularExpressions;
using PkgForge.EndToEnd.Farms;

namespace PkgForge.EndToEnd.Machines;

/// <summary>What docs/admin/installing.md tells an administrator to do, to be done as it stands there.</summary>
internal static partial class InstallingGuide
{
    private static readonly Lazy<IReadOnlyDictionary<string, string[]>> Blocks = new(() =>
        Section()
            .Matches(File.ReadAllText($"{Cache.Checkout}/docs/admin/installing.md"))
            .ToDictionary(
                section => section.Groups["number"].Value,
                section => Block().Matches(section.Value).Select(block => block.Groups["text"].Value).ToArray()
            )
    );

    /// <summary>The packages that it has installed.</summary>
    public static IReadOnlyList<string> Packages =>
        [
            .. Blocks
                .Value["1"]
                .Single()
                .Split([' ', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries)
                .Where(word => word is not ("apt-get" or "install") && !word.StartsWith('-')),
        ];

    /// <summary>The configuration that it begins with.</summary>
    public static string Configuration => Blocks.Value["4"].Single();

    /// <summary>All commands after the installation of packages, up to the first job.</summary>
    /// <param name="configure">The commands that write the configuration.</param>
    public static string Commands(string configure) =>
        string.Concat([
            .. Blocks.Value["2"],
            .. Blocks.Value["3"],
            configure,
            .. Blocks.Value["5"],
            .. Blocks.Value["6"],
        ]);

    [GeneratedRegex(
        @"^## (?<number>\d+)\. .*?(?=^## |\z)",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Section();

    // Those of a list are indented: they are for other machines.
    [GeneratedRegex(
        @"^```(yaml)?\n(?<text>.*?)^```",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Block();
}
